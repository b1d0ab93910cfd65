import {
  createRemoteJWKSet,
  customFetch,
  type FetchImplementation,
  type JWTVerifyGetKey,
} from 'jose';
import { Failure } from '#src/domain/failure.ts';
import type { Log } from '#src/http/response/error-log.ts';

export interface KeySet {
  /** The key that a token says it was signed with. Rejects with `unverifiable` while there are no keys. */
  readonly keyOf: JWTVerifyGetKey;
  /** Gets the keys for the first time, without being waited for. */
  readonly start: () => void;
}

export interface KeySetOptions {
  readonly url: URL;
  readonly requestTimeoutMs: number;
  readonly log: Log;
  readonly now: () => number;
}

/** Keys are got again when they are this old; until then one that was withdrawn still counts. */
const freshMs = 600_000;

/** A token of an unknown key makes them be got again too, but no more often than this: strangers name any key. */
const cooldownMs = 30_000;

/** When they cannot be got, the last ones go on for so long: the issuer may rest, and its tokens are still good. */
const heldMs = 3_600_000;

/** What failed is not tried again at once, however many callers come. */
const pauseMs = 1000;

const longestWaitMs = 3000;

/** The issuer's public keys, from its URL, as they change. */
export function createKeySet({ url, requestTimeoutMs, log, now }: KeySetOptions): KeySet {
  let last: { readonly text: string; readonly at: number } | null = null;
  let failedAt = Number.NEGATIVE_INFINITY;

  const download: FetchImplementation = async (href, init) => {
    if (now() - failedAt >= pauseMs) {
      try {
        last = { text: await keysAt(href, init), at: now() };
        return new Response(last.text);
      } catch (error) {
        failedAt = now();
        log.warn({ reason: reasonOf(error) }, 'The keys at AUTH_JWKS_URL cannot be had');
      }
    }
    if (last && now() - last.at < heldMs) return new Response(last.text);
    throw new Failure('unverifiable', 'There are no keys to verify a token with');
  };

  const keyOf = createRemoteJWKSet(url, {
    cacheMaxAge: freshMs,
    cooldownDuration: cooldownMs,
    timeoutDuration: Math.min(requestTimeoutMs, longestWaitMs),
    [customFetch]: download,
  });
  return { keyOf, start: () => void keyOf.reload().catch(() => {}) };
}

/** The text of a key set; anything else that is answered is a failure. */
async function keysAt(...[href, init]: Parameters<FetchImplementation>): Promise<string> {
  const response = await fetch(href, init);
  if (response.status !== 200) throw new Error(`status ${response.status}`);
  const text = await response.text();
  const json: unknown = JSON.parse(text);
  if (isKeySet(json)) return text;
  throw new Error('not a key set');
}

function isKeySet(json: unknown): boolean {
  const keys = typeof json === 'object' && json !== null && 'keys' in json ? json.keys : null;
  return Array.isArray(keys) && keys.every((key) => typeof key === 'object' && key !== null);
}

/** In few words, none of them from the answer. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  if (error instanceof SyntaxError) return 'not JSON';
  if (error.name === 'TimeoutError') return 'no answer in time';
  const { cause } = error;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : error.message;
}
