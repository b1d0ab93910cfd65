import { createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Failure } from '#src/domain/failure.ts';
import { bearerTokenOf } from '#src/http/request/bearer-token.ts';
import type { Log } from '#src/http/response/error-log.ts';
import type { CallerLimit } from '#src/store/caller-limit.ts';
import { clientAddressOf } from './client-address.ts';
import { createTokens, type TokenRules } from './jwt.ts';

/** Who may ask. */
export type AuthRules =
  | { readonly kind: 'passthrough' }
  | ({ readonly kind: 'jwt'; readonly apiKey: string } & TokenRules)
  | { readonly kind: 'none'; readonly apiKey: string };

export interface Callers {
  /** The key to read with on behalf of whoever sent this, or why there is none. */
  readonly admit: (request: IncomingMessage, requestId: string) => Promise<string | Failure>;
  /** Gets ready, without being waited for. */
  readonly start: () => void;
}

export interface CallersOptions {
  readonly auth: AuthRules;
  /** The key of a caller who brings none, where callers bring keys; null: such a caller has none. */
  readonly anonymousKey: string | null;
  /** How many proxies' word for where a request came from is believed. */
  readonly trustProxy: number;
  /** How often each caller may ask where all of them spend one key's budget. */
  readonly limit: CallerLimit;
  /** The longest that anything here may be waited for. */
  readonly requestTimeoutMs: number;
  readonly log: Log;
  readonly now: () => number;
}

const longestKey = 4096;

// Tokens of many claims outgrow keys. Node takes 16 KiB of headers altogether.
const longestToken = 8192;

/** Finds out who asks, and on whose key the upstream is asked for them. */
export function createCallers(options: CallersOptions): Callers {
  const { auth } = options;
  if (auth.kind === 'passthrough') return withTheirKeys(options);
  return auth.kind === 'jwt' ? withTokens(options, auth) : withoutAnything(options, auth.apiKey);
}

function withTheirKeys({ anonymousKey }: CallersOptions): Callers {
  return {
    admit: async ({ rawHeaders }) => {
      const presented = bearerTokenOf(rawHeaders, longestKey);
      if (presented.kind === 'bearer') return presented.words;
      // The anonymous key is only for a missing header, never for one that is wrong.
      if (presented.kind === 'unusable') return unreadable();
      return anonymousKey ?? new Failure('no-key', 'No API key was presented');
    },
    start: () => {},
  };
}

function withTokens(options: CallersOptions, auth: AuthRules & { readonly kind: 'jwt' }): Callers {
  const tokens = createTokens(options, auth);
  return {
    admit: (request, requestId) =>
      failureOr(async () => {
        const presented = bearerTokenOf(request.rawHeaders, longestToken);
        if (presented.kind === 'unusable') throw unreadable();
        if (presented.kind === 'nothing') throw new Failure('no-token', 'No token was presented');
        const subject = await tokens.subjectOf(presented.words, requestId);
        await options.limit.count(idOf(auth.apiKey, `${auth.issuer}\n${subject}`));
        return auth.apiKey;
      }),
    start: tokens.start,
  };
}

function withoutAnything({ limit, trustProxy }: CallersOptions, apiKey: string): Callers {
  return {
    admit: (request) =>
      failureOr(async () => {
        await limit.count(idOf(apiKey, clientAddressOf(request, trustProxy)));
        return apiKey;
      }),
    start: () => {},
  };
}

const unreadable = () =>
  new Failure('unreadable-key', 'What was presented is neither a key nor a token');

/** What stands for a caller where it is counted. Keyed, so that nobody finds the subject or address by trying. */
const idOf = (apiKey: string, caller: string): string =>
  createHmac('sha256', apiKey).update(caller).digest('base64url');

async function failureOr(admit: () => Promise<string>): Promise<string | Failure> {
  try {
    return await admit();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}
