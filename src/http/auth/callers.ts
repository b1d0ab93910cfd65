import { createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Caller } from '#src/domain/caller.ts';
import type { Clock } from '#src/domain/clock.ts';
import { type CallerFailureKind, Failure } from '#src/domain/failure.ts';
import { type Tenant, tenantOf } from '#src/domain/tenant.ts';
import { bearerTokenOf } from '#src/http/request/bearer-token.ts';
import type { Logger } from '#src/http/response/error-log.ts';
import type { CallerLimit } from '#src/store/caller-limit.ts';
import { clientAddressOf } from './client-address.ts';
import type { FetchKeys, JwksReason } from './jwks.ts';
import { createTokenVerifier, type TokenIssuer } from './jwt.ts';
import { createTenantMemo } from './tenant-memo.ts';

/** How callers authenticate, and which key the server reads with if they do not bring one. */
export type AuthMode =
  /** Every caller sends an EnviaAI key. */
  | { readonly kind: 'passthrough' }
  /** Every caller sends a token of this issuer. */
  | ({
      readonly kind: 'jwt';
      readonly apiKey: string;
      /** The scope that a token needs for changes; null: every token allows them. */
      readonly writeScope: string | null;
    } & TokenIssuer)
  /** Callers are not authenticated. */
  | { readonly kind: 'none'; readonly apiKey: string };

export type WriteRefusal = Extract<CallerFailureKind, 'mutations-off' | 'no-write-scope'>;

/** A caller that may read. */
export interface Admission {
  /** The EnviaAI key to read with. */
  readonly apiKey: string;
  readonly tenant: Tenant;
  /** Whose upstream calls they are. */
  readonly caller: Caller;
  /**
   * Why the caller may not change instances, nor see QR codes that link them; null: it may.
   */
  readonly writeRefusal: WriteRefusal | null;
  /** When its token expires, by the wall clock in milliseconds since 1970; null: it has none. */
  readonly expiresAtMs: number | null;
}

export interface Callers {
  /**
   * Authenticates the caller of a request and counts it against its limit. Resolves to the failure
   * for which the caller is refused.
   */
  readonly admit: (request: IncomingMessage, requestId: string) => Promise<Admission | Failure>;
  /**
   * Fetches the issuer's keys in the background, so that the first caller need not wait for them.
   */
  readonly prefetchKeys: () => void;
}

export interface CallersOptions {
  readonly auth: AuthMode;
  /** Whether callers may change instances. */
  readonly mutations: boolean;
  /** The key of a caller who sends none in mode `passthrough`; null: such a caller is refused. */
  readonly anonymousKey: string | null;
  /** Number of trusted proxies in front of the server. */
  readonly trustProxy: number;
  /**
   * Limits each caller in the modes `jwt` and `none`, where all callers spend the budget of one
   * key.
   */
  readonly limit: CallerLimit;
  /** Upper bound on the wait for the issuer's keys. */
  readonly requestTimeoutMs: number;
  readonly log: Logger;
  /** Tokens expire by its wall clock, and the issuer's keys by its monotonic clock. */
  readonly clock: Pick<Clock, 'now' | 'wall'>;
  /** Sends the request for the issuer's keys. Default: the platform's `fetch`. */
  readonly fetchKeys?: FetchKeys | undefined;
  /** Called for each fetch of the issuer's keys that failed. */
  readonly onKeysFailure?: ((reason: JwksReason) => void) | undefined;
}

/** In characters. */
const maxKeyLength = 4096;

/**
 * In characters. Tokens with many claims are longer than keys; Node accepts 16 KiB of headers in
 * all.
 */
const maxTokenLength = 8192;

export function createCallers(options: CallersOptions): Callers {
  const { auth } = options;
  if (auth.kind === 'passthrough') return createKeyCallers(options);
  return auth.kind === 'jwt'
    ? createTokenCallers(options, auth)
    : createAnonymousCallers(options, auth.apiKey);
}

function createKeyCallers(options: CallersOptions): Callers {
  const { anonymousKey, trustProxy } = options;
  const memo = createTenantMemo(tenantOf);
  const writeRefusal = writeRefusalOf(options);
  return {
    admit: async (request) => {
      const bearer = bearerTokenOf(request.rawHeaders, maxKeyLength);
      // The anonymous key is only for a missing header, never for an invalid one.
      if (bearer.kind === 'invalid') return invalidHeader();
      const apiKey = bearer.kind === 'valid' ? bearer.token : anonymousKey;
      if (apiKey === null) return new Failure('no-key', 'The request has no API key');
      const address = clientAddressOf(request, trustProxy);
      const tenant = memo(apiKey, request.socket);
      const caller = { kind: 'key-holder', address } as const;
      return { apiKey, tenant, caller, writeRefusal, expiresAtMs: null };
    },
    prefetchKeys: () => {},
  };
}

function createTokenCallers(
  options: CallersOptions,
  auth: AuthMode & { readonly kind: 'jwt' },
): Callers {
  const verifier = createTokenVerifier(options, auth);
  const account = accountOf(auth.apiKey);
  return {
    admit: (request, requestId) =>
      resolveFailure(async () => {
        const bearer = bearerTokenOf(request.rawHeaders, maxTokenLength);
        if (bearer.kind === 'invalid') throw invalidHeader();
        if (bearer.kind === 'missing') throw new Failure('no-token', 'The request has no token');
        const { subject, scopes, expiresAtMs } = await verifier.verify(bearer.token, requestId);
        const { writeScope } = auth;
        const hasScope = writeScope === null || scopes.has(writeScope);
        const caller = `${auth.issuer}\n${subject}`;
        const admission = await admitSharer(options, { account, caller });
        return { ...admission, writeRefusal: writeRefusalOf(options, hasScope), expiresAtMs };
      }),
    prefetchKeys: verifier.prefetchKeys,
  };
}

function createAnonymousCallers(options: CallersOptions, apiKey: string): Callers {
  const account = accountOf(apiKey);
  return {
    admit: (request) =>
      resolveFailure(() =>
        admitSharer(options, {
          account,
          caller: clientAddressOf(request, options.trustProxy),
        }),
      ),
    prefetchKeys: () => {},
  };
}

/** The server's key, which callers share. */
type Account = Pick<Admission, 'apiKey' | 'tenant'>;

const accountOf = (apiKey: string): Account => ({ apiKey, tenant: tenantOf(apiKey) });

/** Counts a caller that shares the server's key. */
async function admitSharer(
  options: CallersOptions,
  { account, caller }: { readonly account: Account; readonly caller: string },
): Promise<Admission> {
  const id = callerIdOf(account.apiKey, caller);
  await options.limit.count(id);
  const writeRefusal = writeRefusalOf(options);
  return { ...account, caller: { kind: 'sharer', id }, writeRefusal, expiresAtMs: null };
}

function writeRefusalOf({ mutations }: CallersOptions, hasScope = true): WriteRefusal | null {
  if (!mutations) return 'mutations-off';
  return hasScope ? null : 'no-write-scope';
}

const invalidHeader = () =>
  new Failure('unreadable-key', 'The Authorization header has neither a key nor a token');

/**
 * Identifies a caller in the counters, which may be in Redis. An HMAC: without the key, a subject
 * or an address cannot be found by hashing all candidates.
 */
const callerIdOf = (apiKey: string, caller: string): string =>
  createHmac('sha256', apiKey).update(caller).digest('base64url');

async function resolveFailure(admit: () => Promise<Admission>): Promise<Admission | Failure> {
  try {
    return await admit();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}
