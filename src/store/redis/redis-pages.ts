import { randomUUID } from 'node:crypto';
import { type SetTimer, sleep, systemClock } from '#src/domain/clock.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import { leaseMs, renewLease } from './redis-lease.ts';
import type { RedisLink } from './redis-link.ts';
import * as scripts from './redis-page-scripts.ts';
import { keyBaseOf, type Keyspace, timeArgument } from './redis-script.ts';
import type {
  Claim,
  StoredResponse,
  SharedPages,
  ResponseRequirement,
} from '#src/store/shared-pages.ts';

export interface RedisPagesOptions {
  readonly link: Pick<RedisLink, 'run' | 'clockEpoch'>;
  readonly keyspace: Keyspace;
  /** This replica's monotonic clock. */
  readonly localNow: () => number;
  /** Time to live of a response. */
  readonly lifetimeMs: number;
  /** Upper bound on the wait for another replica's call. */
  readonly waitMs: number;
  /** Default: the machine's timers, as Redis has its own time. */
  readonly setTimer?: SetTimer | undefined;
  /** A different value for each claim of any replica. Default: a random UUID. */
  readonly createToken?: (() => string) | undefined;
}

/** Larger responses are not shared. A page of 100 rows has about 50 KB. */
const maxSharedBytes = 1024 * 1024;

/** Interval of the poll for another replica's response. */
const pollMs = 25;

/**
 * Replaces an infinite age: longer than the time to live, and an integer in every number format.
 */
const maxAgeMs = 1e12;

interface PageKeys {
  readonly page: string;
  readonly dropped: string;
  readonly lease: string;
}

/**
 * Responses in Redis, with ages by Redis's clock. An age is never underestimated: a stored response
 * counts as sent no earlier than its claim, and the age of a found one is subtracted from the time
 * before the command.
 */
export function createRedisPages(options: RedisPagesOptions): SharedPages {
  const { link, keyspace, localNow, lifetimeMs, waitMs } = options;
  const { setTimer = systemClock.setTimer, createToken = randomUUID } = options;

  const keysOf = (tenant: Tenant, name: string): PageKeys => {
    const base = keyBaseOf(keyspace.prefix, tenant);
    return {
      // Pages from before the clock of Redis was set back would seem young again later.
      page: `${base}:page:${link.clockEpoch()}:${name}`,
      dropped: `${base}:dropped`,
      lease: `${base}:call:${name}`,
    };
  };
  const run = async (...args: Parameters<RedisLink['run']>): Promise<readonly unknown[]> => {
    const reply = await link.run(...args);
    if (Array.isArray(reply)) return reply;
    throw new TypeError('The reply of Redis is not a list');
  };

  /** Returns the response, the claim, or the token of another replica's claim to wait for. */
  async function tryClaim(
    keys: PageKeys,
    token: string,
    { sentSince, receivedAfter }: ResponseRequirement,
    awaitedToken: string,
  ): Promise<StoredResponse | Claim | string> {
    const now = localNow();
    const ages = [sentSince, receivedAfter].map((time) => Math.min(maxAgeMs, now - time));
    const args = [timeArgument(keyspace), ...ages, token, leaseMs, awaitedToken, lifetimeMs];
    const reply = await run(scripts.claim, [keys.page, keys.dropped, keys.lease], args);
    const [first, bytes] = reply;
    if (bytes instanceof Buffer) return { kind: 'response', bytes, sentAt: now - Number(first) };
    if (first instanceof Buffer) return first.toString();
    return createClaim(keys, token, { redis: Number(first), local: localNow() });
  }

  function createClaim(
    keys: PageKeys,
    token: string,
    claimedAt: { readonly redis: number; readonly local: number },
  ): Claim {
    const end = renewLease({ link, setTimer, key: keys.lease, token });
    return {
      kind: 'claim',
      async put(bytes, sentAt) {
        if (bytes.length > maxSharedBytes) return;
        const sent = claimedAt.redis + Math.max(0, sentAt - claimedAt.local);
        const age = Math.max(0, localNow() - sentAt);
        const args = [timeArgument(keyspace), token, sent, bytes, lifetimeMs, age];
        await run(scripts.put, [keys.page, keys.dropped, keys.lease], args).then(
          () => end(true),
          ignore,
        );
      },
      release: () => end(false),
    };
  }

  return {
    async find(tenant, name, after) {
      const now = localNow();
      const keys = keysOf(tenant, name);
      const maxAge = Math.min(maxAgeMs, now - after);
      const args = [timeArgument(keyspace), maxAge, lifetimeMs];
      try {
        const reply = await run(scripts.find, [keys.page, keys.dropped], args);
        const [droppedAgo, age, bytes] = reply;
        return {
          response:
            bytes instanceof Buffer
              ? { kind: 'response', bytes, sentAt: now - Number(age) }
              : undefined,
          droppedAt: Number(droppedAgo) < 0 ? undefined : now - Number(droppedAgo),
        };
      } catch {
        return { response: undefined, droppedAt: undefined };
      }
    },

    async claim(tenant, name, requirement) {
      const keys = keysOf(tenant, name);
      const token = createToken();
      const timeout = new AbortController();
      const cancelTimeout = setTimer(waitMs, () => timeout.abort());
      let awaitedToken = '';
      try {
        while (!timeout.signal.aborted) {
          const outcome = await tryClaim(keys, token, requirement, awaitedToken);
          if (typeof outcome !== 'string') return outcome;
          awaitedToken = outcome;
          await sleep({ setTimer }, pollMs, timeout.signal);
        }
        return unsharedClaim;
      } catch {
        return unsharedClaim;
      } finally {
        cancelTimeout();
      }
    },

    async drop(tenant) {
      const { dropped } = keysOf(tenant, '');
      await run(scripts.drop, [dropped], [timeArgument(keyspace), lifetimeMs]).catch(ignore);
    },
  };
}

const ignore = () => {};

/**
 * The claim of a replica that calls alone, because Redis is not available or the wait was too long.
 */
const unsharedClaim: Claim = { kind: 'claim', put: async () => {}, release: async () => {} };
