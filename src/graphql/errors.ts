import { GraphQLError } from 'graphql';
import { Failure, type FailureKind } from '#src/domain/failure.ts';
import { isSearchLimitFailure } from '#src/reading/session/search-limit.ts';

/**
 * The code and the message that a client sees for each kind of failure. All messages are written
 * here: EnviaAI's messages may name keys, hosts or other tenants. `{when}` is "after 41
 * seconds", or "later" if the time is not known.
 */
const publicErrors = {
  'no-key': {
    code: 'UNAUTHENTICATED',
    message:
      'The request has no API key. Send an EnviaAI API key as `Authorization: Bearer <key>`.',
  },
  'no-token': {
    code: 'UNAUTHENTICATED',
    message: 'The request has no token. Send a token as `Authorization: Bearer <JWT>`.',
  },
  'unreadable-key': {
    code: 'UNAUTHENTICATED',
    message:
      'The Authorization header cannot be read. Send one header: `Bearer`, a space, and the key or token, which has no spaces.',
  },
  unauthorized: {
    code: 'UNAUTHENTICATED',
    message: 'EnviaAI refused this API key. Send a valid key as `Authorization: Bearer <key>`.',
  },
  'bad-token': {
    code: 'UNAUTHENTICATED',
    message:
      'The token is not accepted: it is malformed, has expired, or was not issued for this server. Send a valid token as `Authorization: Bearer <JWT>`.',
  },
  // Not UNAUTHENTICATED: clients would discard a good token and sign out their user.
  unverifiable: {
    code: 'INTERNAL_SERVER_ERROR',
    message: 'This server cannot verify tokens at the moment. Try again later.',
  },
  'too-many': {
    code: 'RATE_LIMITED',
    message: 'This caller sends too many operations. Try again {when}.',
  },
  // Not UNAUTHENTICATED: the key was not tried, and can be good.
  'too-many-keys': {
    code: 'RATE_LIMITED',
    message: 'EnviaAI refused too many API keys from this address. Try again {when}.',
  },
  // Not UNAUTHENTICATED: the caller's token is good, and another one would not help.
  'server-key': {
    code: 'UPSTREAM_ERROR',
    message:
      'EnviaAI refused the API key of this server, or does not allow it this. The operator of the server must fix it.',
  },
  forbidden: {
    code: 'FORBIDDEN',
    message:
      'EnviaAI does not allow this with this API key: the key lacks a scope. Reading needs `instances:read`; changes need more. Send a key that has the scope.',
  },
  'mutations-off': {
    code: 'FORBIDDEN',
    message:
      'This server does not allow changes of instances, nor QR codes. The operator can allow them with the variable MUTATIONS.',
  },
  'no-write-scope': {
    code: 'FORBIDDEN',
    message:
      'The token lacks the scope for changes of instances, and for QR codes. The operator names that scope in the variable AUTH_WRITE_SCOPE; send a token that has it.',
  },
  'bad-input': { code: 'BAD_USER_INPUT', message: 'EnviaAI did not accept the arguments.' },
  'rate-limited': {
    code: 'RATE_LIMITED',
    message:
      'The budget of this API key at EnviaAI is spent, and there are no usable rows in the cache. Try again {when}.',
  },
  timeout: {
    code: 'UPSTREAM_TIMEOUT',
    message: 'EnviaAI did not answer in time. Try again later.',
  },
  unavailable: {
    code: 'UPSTREAM_UNAVAILABLE',
    message: 'EnviaAI cannot be reached at the moment. Try again {when}.',
  },
  refused: { code: 'UPSTREAM_ERROR', message: 'EnviaAI refused the request.' },
  malformed: {
    code: 'UPSTREAM_INVALID_RESPONSE',
    message: 'EnviaAI sent data that cannot be read.',
  },
  'outcome-unknown': {
    code: 'OUTCOME_UNKNOWN',
    message: 'EnviaAI may or may not have done this. Look before you try again.',
  },
} as const satisfies Record<FailureKind, { code: string; message: string }>;

/**
 * The error that a client may see, made from any value that a resolver threw.
 *
 * A `Failure` gets its line of the table. A GraphQLError of this server, or of graphql-js' parser
 * and validation, is returned unchanged. Any other value becomes INTERNAL_SERVER_ERROR.
 */
export function maskError(error: unknown): GraphQLError {
  const located = error instanceof GraphQLError ? error : undefined;
  const thrown = located?.originalError ?? error;
  if (located && thrown instanceof GraphQLError) return located;
  const { message, ...extensions } =
    thrown instanceof Failure ? publicErrorOf(thrown) : internalError;
  return new GraphQLError(message, {
    nodes: located?.nodes ?? null,
    path: located?.path ?? null,
    // For the log. It is not part of the response.
    originalError: thrown instanceof Error ? thrown : null,
    extensions,
  });
}

/** `limit` is the name of the variable that sets the limit; null: it is fixed. */
export function limitExceeded(limit: string | null, message: string): GraphQLError {
  const code = 'LIMIT_EXCEEDED';
  return new GraphQLError(message, { extensions: limit === null ? { code } : { code, limit } });
}

/** Why this server ends a subscription that could go on. */
export type StreamEndReason = 'SHUTDOWN' | 'LIFETIME' | 'TOO_SLOW';

const streamEndMessages: Record<StreamEndReason, string> = {
  SHUTDOWN: 'The server stops. Subscribe again.',
  LIFETIME: 'The subscription has reached its maximum age. Subscribe again.',
  TOO_SLOW: 'The client reads its events too slowly. Subscribe again.',
};

/** `retryAfter` is in seconds. */
export const streamEnded = (reason: StreamEndReason, retryAfter: number): GraphQLError =>
  new GraphQLError(streamEndMessages[reason], {
    extensions: { code: 'STREAM_ENDED', reason, retryAfter },
  });

export const tokenExpired = (): GraphQLError =>
  new GraphQLError('The token has expired. Subscribe again with a new one.', {
    extensions: { code: 'UNAUTHENTICATED' },
  });

const internalError = {
  code: 'INTERNAL_SERVER_ERROR',
  message:
    "An error occurred in this server. The log has it under the response's `x-request-id` header.",
};

const searchLimitMessage =
  'The search for the place of this cursor, or for these ids, is not finished: it has made all requests that one operation may make. Try the same again {when}.';

const defaultWaitMs = 60_000;
const maxRetryAfterSeconds = 3600;

function publicErrorOf(failure: Failure) {
  const { kind, message, argument, upstreamCode, retryAfterMs } = failure;
  const { code, message: ofKind } = publicErrors[kind];
  const template = isSearchLimitFailure(failure) ? searchLimitMessage : ofKind;
  const waitMs = code === 'RATE_LIMITED' ? (retryAfterMs ?? defaultWaitMs) : retryAfterMs;
  const retryAfter =
    waitMs === undefined
      ? undefined
      : Math.min(maxRetryAfterSeconds, Math.max(1, Math.ceil(waitMs / 1000)));
  return {
    code,
    // Only the message of a failure with an argument is written for clients.
    message: argument === undefined ? template.replace('{when}', whenOf(retryAfter)) : message,
    ...(argument !== undefined && { argument }),
    ...(upstreamCode !== undefined && { upstreamCode }),
    ...(retryAfter !== undefined && { retryAfter }),
  };
}

function whenOf(seconds: number | undefined): string {
  if (seconds === undefined) return 'later';
  return seconds === 1 ? 'after 1 second' : `after ${seconds} seconds`;
}
