import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type FetchImplementation,
  type JWTVerifyGetKey,
} from 'jose';
import { connectionReasonOf, connectionReasons } from '#src/domain/connection-reason.ts';
import { Failure } from '#src/domain/failure.ts';
import type { Logger } from '#src/http/response/error-log.ts';

export interface Jwks {
  /**
   * Finds the key that a token names. Rejects with an `unverifiable` failure while no keys are
   * available.
   */
  readonly keyOf: JWTVerifyGetKey;
  /** Starts the first fetch in the background. */
  readonly prefetch: () => void;
}

export interface JwksOptions {
  readonly url: URL;
  /** Upper bound on one fetch, together with {@link maxFetchMs}. */
  readonly requestTimeoutMs: number;
  readonly log: Logger;
  /** The monotonic clock. */
  readonly now: () => number;
  /** Sends the request for the keys. Default: the platform's `fetch`. */
  readonly fetchKeys?: FetchKeys | undefined;
  /** Called for each fetch that failed. */
  readonly onKeysFailure?: ((reason: JwksReason) => void) | undefined;
}

/** What is used of `fetch`. */
export type FetchKeys = (
  ...request: Parameters<FetchImplementation>
) => Promise<Pick<Response, 'status' | 'text'>>;

/** Why the keys were not fetched: a closed set, without any text of the response. */
export const jwksReasons = [
  ...connectionReasons,
  'http-status',
  'not-json',
  'not-a-key-set',
] as const;

export type JwksReason = (typeof jwksReasons)[number];

/** Fetched keys are used for 10 minutes. A key that the issuer withdraws is accepted until then. */
const freshKeysMs = 600_000;

/** Unknown key ids cause at most one fetch in 30 s, because any client can name any key id. */
const unknownKeyCooldownMs = 30_000;

/** While the fetch fails, the last keys are used for up to 1 hour after they were fetched. */
const maxStaleKeysMs = 3_600_000;

/**
 * After a failed fetch, the next one starts 1 s later at the earliest, for all callers together.
 */
const retryDelayMs = 1000;

const maxFetchMs = 3000;

/**
 * The issuer's public keys (JWKS). Serves stale keys if the issuer fails (stale-if-error).
 *
 * jose fetches and caches the keys, and its expiry is off: it reads the wall clock, by which a step
 * back would keep a withdrawn key, or refuse a new one, for as long as the step.
 */
export function createJwks(options: JwksOptions): Jwks {
  const { url, requestTimeoutMs, log, now, onKeysFailure, fetchKeys = fetch } = options;
  let last: { readonly text: string; readonly fetchedAt: number } | null = null;
  let failedAt = Number.NEGATIVE_INFINITY;

  const fetchOrStale: FetchImplementation = async (href, init) => {
    if (now() - failedAt >= retryDelayMs) {
      try {
        last = { text: await fetchKeySet(await fetchKeys(href, init)), fetchedAt: now() };
        return new Response(last.text);
      } catch (error) {
        failedAt = now();
        const { reason, status } = problemOf(error);
        onKeysFailure?.(reason);
        log.warn({ reason, status }, 'Cannot fetch the keys from AUTH_JWKS_URL');
      }
    }
    if (last && now() - last.fetchedAt < maxStaleKeysMs) return new Response(last.text);
    throw new Failure('unverifiable', 'No keys are available to verify a token');
  };

  const keys = createRemoteJWKSet(url, {
    cacheMaxAge: Number.POSITIVE_INFINITY,
    cooldownDuration: Number.POSITIVE_INFINITY,
    timeoutDuration: Math.min(requestTimeoutMs, maxFetchMs),
    [customFetch]: fetchOrStale,
  });
  let loadedAt = Number.NEGATIVE_INFINITY;
  const isOlderThan = (ms: number) => now() - loadedAt >= ms;
  const isExpired = () => last !== null && now() - last.fetchedAt >= maxStaleKeysMs;
  /** Callers at the same time share one fetch. */
  const reload = async () => {
    await keys.reload();
    loadedAt = now();
  };

  return {
    async keyOf(header, token) {
      if (isOlderThan(freshKeysMs) || isExpired()) await reload();
      try {
        return await keys(header, token);
      } catch (error) {
        const isUnknownKey = error instanceof errors.JWKSNoMatchingKey;
        if (!isUnknownKey || !isOlderThan(unknownKeyCooldownMs)) throw error;
      }
      await reload();
      return keys(header, token);
    },
    // A failed fetch is logged above.
    prefetch: () => void reload().catch(() => {}),
  };
}

/** The JSON text of a key set. Rejects for every other response. */
async function fetchKeySet(response: Awaited<ReturnType<FetchKeys>>): Promise<string> {
  if (response.status !== 200) throw new UnusableResponse('http-status', response.status);
  const text = await response.text();
  const json: unknown = JSON.parse(text);
  if (isKeySet(json)) return text;
  throw new UnusableResponse('not-a-key-set');
}

function isKeySet(json: unknown): boolean {
  const keys = typeof json === 'object' && json !== null && 'keys' in json ? json.keys : null;
  return Array.isArray(keys) && keys.every((key) => typeof key === 'object' && key !== null);
}

/** A response that is not a key set. */
class UnusableResponse extends Error {
  readonly reason: JwksReason;
  readonly status: number | undefined;

  constructor(reason: JwksReason, status?: number) {
    super(reason);
    this.reason = reason;
    this.status = status;
  }
}

function problemOf(error: unknown): { readonly reason: JwksReason; readonly status?: number } {
  if (error instanceof UnusableResponse) {
    const { reason, status } = error;
    return status === undefined ? { reason } : { reason, status };
  }
  return { reason: error instanceof SyntaxError ? 'not-json' : connectionReasonOf(error) };
}
