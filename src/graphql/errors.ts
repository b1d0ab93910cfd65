import { GraphQLError } from 'graphql';
import { Failure, type FailureKind } from '#src/domain/failure.ts';

/**
 * What a client is told of each kind of failure. The messages are ours: EnviaAI's may name
 * keys, hosts or other tenants, so they go nowhere.
 */
const told = {
  'no-key': {
    code: 'UNAUTHENTICATED',
    message: 'No API key was sent. Send an EnviaAI API key as `Authorization: Bearer <key>`.',
  },
  'no-token': {
    code: 'UNAUTHENTICATED',
    message: 'No token was sent. Send one as `Authorization: Bearer <JWT>`.',
  },
  'unreadable-key': {
    code: 'UNAUTHENTICATED',
    message:
      'The Authorization header cannot be read. Send it once, as `Bearer`, a space, and the key or token without any space in it.',
  },
  unauthorized: {
    code: 'UNAUTHENTICATED',
    message:
      'EnviaAI refused this API key. Send one that it accepts, as `Authorization: Bearer <key>`.',
  },
  'bad-token': {
    code: 'UNAUTHENTICATED',
    message:
      'The token is not accepted: it is malformed, has expired, or was not issued for this server. Send a valid one as `Authorization: Bearer <JWT>`.',
  },
  // Not UNAUTHENTICATED, on which clients throw a good token away and sign their user out.
  unverifiable: {
    code: 'INTERNAL_SERVER_ERROR',
    message: 'Tokens cannot be verified for now: try again later.',
  },
  'too-many': {
    code: 'RATE_LIMITED',
    message: 'Too many operations from this caller: try again after `retryAfter` seconds.',
  },
  // Not UNAUTHENTICATED either: the caller's own token is good, and a new one would not help.
  'own-key': {
    code: 'UPSTREAM_ERROR',
    message: 'EnviaAI refused the API key that this server holds: its operator has to see to it.',
  },
  forbidden: {
    code: 'FORBIDDEN',
    message: 'The API key lacks the permission for this; it needs the scope instances:read.',
  },
  'bad-input': { code: 'BAD_USER_INPUT', message: 'EnviaAI did not accept the arguments.' },
  'rate-limited': {
    code: 'RATE_LIMITED',
    message: "The API key's request budget is spent: try again after `retryAfter` seconds.",
  },
  timeout: { code: 'UPSTREAM_TIMEOUT', message: 'EnviaAI did not answer in time: try again.' },
  unavailable: {
    code: 'UPSTREAM_UNAVAILABLE',
    message: 'EnviaAI cannot be reached for now: try again later.',
  },
  refused: { code: 'UPSTREAM_ERROR', message: 'EnviaAI refused the request.' },
  malformed: {
    code: 'UPSTREAM_INVALID_RESPONSE',
    message: 'EnviaAI sent something that cannot be read.',
  },
} as const satisfies Record<FailureKind, { code: string; message: string }>;

/**
 * The error that a client may see, made from whatever a resolver threw.
 *
 * A `Failure` becomes its line of the table; a GraphQLError of ours, or of the library's
 * parsing and validation, passes as it is; anything else becomes INTERNAL_SERVER_ERROR.
 */
export function maskError(error: unknown): GraphQLError {
  const located = error instanceof GraphQLError ? error : undefined;
  const thrown = located?.originalError ?? error;
  if (located && thrown instanceof GraphQLError) return located;
  const { message, ...extensions } = thrown instanceof Failure ? faceOf(thrown) : unexpected;
  return new GraphQLError(message, {
    nodes: located?.nodes ?? null,
    path: located?.path ?? null,
    // For the log, which names what a client is not told. It never reaches an answer.
    originalError: thrown instanceof Error ? thrown : null,
    extensions,
  });
}

export function limitExceeded(limit: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'LIMIT_EXCEEDED', limit } });
}

const unexpected = {
  code: 'INTERNAL_SERVER_ERROR',
  message: 'Something went wrong here. The request id in the x-request-id header names it.',
};

const longestWaitSeconds = 3600;

function faceOf({ kind, message, argument, upstreamCode, retryAfterMs }: Failure) {
  // Of failures, only one about an argument was worded for the caller.
  const face = argument === undefined ? told[kind] : { ...told[kind], message };
  const wait = kind === 'rate-limited' ? (retryAfterMs ?? 60_000) : retryAfterMs;
  return {
    ...face,
    ...(argument !== undefined && { argument }),
    ...(upstreamCode !== undefined && { upstreamCode }),
    ...(wait !== undefined && {
      retryAfter: Math.min(longestWaitSeconds, Math.max(1, Math.ceil(wait / 1000))),
    }),
  };
}
