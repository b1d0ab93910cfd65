import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Tenant } from '#src/domain/tenant.ts';
import { holdLease, leaseMs } from './redis-lease.ts';
import type { RedisLink } from './redis-link.ts';
import * as scripts from './redis-page-scripts.ts';
import { type Space, timeArgument } from './redis-script.ts';
import type {
  Claim,
  StoredResponse,
  SharedPages,
  ResponseRequirement,
} from '#src/store/shared-pages.ts';

export interface RedisPagesOptions {
  readonly link: Pick<RedisLink, 'run'>;
  readonly space: Space;
  /** This replica's clock. */
  readonly localNow: () => number;
  /** How long an answer is kept. */
  readonly lifetimeMs: number;
  /** How long the call of another replica is waited for at most. */
  readonly patienceMs: number;
}

/** Answers larger than this are not shared: a page of 100 rows is some 50 KB. */
const mostBytes = 1024 * 1024;

/** How often it is looked whether another replica's answer has come. */
const pollMs = 25;

/** Longer than anything is kept, and exact in every number format on the way. */
const ever = 1e12;

interface Names {
  readonly page: string;
  readonly dropped: string;
  readonly lease: string;
}

/**
 * Answers in Redis. They are as old as Redis's clock says, rounded up: when one is filed, its call
 * counts as sent right after the time that came with the claim; when one is taken out, its age is
 * counted back from before the question.
 */
export function createRedisPages(options: RedisPagesOptions): SharedPages {
  const { link, space, localNow, lifetimeMs, patienceMs } = options;

  const namesOf = (tenant: Tenant, name: string): Names => {
    const base = `${space.prefix}:{${tenant}}`;
    return {
      page: `${base}:page:${name}`,
      dropped: `${base}:dropped`,
      lease: `${base}:call:${name}`,
    };
  };
  const run = async (...args: Parameters<RedisLink['run']>): Promise<readonly unknown[]> => {
    const reply = await link.run(...args);
    if (Array.isArray(reply)) return reply;
    throw new TypeError('Redis answered with something else than a list');
  };

  /** One attempt: the answer, the claim, or the name of another's claim, to be waited for. */
  async function attempt(
    names: Names,
    token: string,
    wish: ResponseRequirement,
    awaited: string,
  ): Promise<StoredResponse | Claim | string> {
    const asked = localNow();
    const since = [wish.sentSince, wish.receivedAfter].map((time) => Math.min(ever, asked - time));
    const args = [timeArgument(space), ...since, token, leaseMs, awaited];
    const reply = await run(scripts.claim, [names.page, names.dropped, names.lease], args);
    const [first, bytes] = reply;
    if (bytes instanceof Buffer) return { kind: 'kept', bytes, sentAt: asked - Number(first) };
    if (first instanceof Buffer) return first.toString();
    return claimOf(names, token, { redis: Number(first), local: localNow() });
  }

  function claimOf(
    names: Names,
    token: string,
    granted: { readonly redis: number; readonly local: number },
  ): Claim {
    const end = holdLease(link, names.lease, token);
    return {
      kind: 'claim',
      async put(bytes, sentAt) {
        if (bytes.length > mostBytes) return;
        const sent = granted.redis + Math.max(0, sentAt - granted.local);
        const keys = [names.page, names.dropped, names.lease];
        const args = [timeArgument(space), token, sent, bytes, lifetimeMs];
        await run(scripts.put, keys, args).then(() => end(true), ignore);
      },
      release: () => end(false),
    };
  }

  return {
    async find(tenant, name, after) {
      const asked = localNow();
      const names = namesOf(tenant, name);
      const args = [timeArgument(space), Math.min(ever, asked - after)];
      try {
        const reply = await run(scripts.find, [names.page, names.dropped], args);
        const [droppedAgo, age, bytes] = reply;
        return {
          kept:
            bytes instanceof Buffer
              ? { kind: 'kept', bytes, sentAt: asked - Number(age) }
              : undefined,
          droppedAt: Number(droppedAgo) < 0 ? undefined : asked - Number(droppedAgo),
        };
      } catch {
        return { kept: undefined, droppedAt: undefined };
      }
    },

    async claim(tenant, name, wish) {
      const names = namesOf(tenant, name);
      const token = randomUUID();
      const end = performance.now() + patienceMs;
      let awaited = '';
      try {
        while (performance.now() < end) {
          const outcome = await attempt(names, token, wish, awaited);
          if (typeof outcome !== 'string') return outcome;
          awaited = outcome;
          await pause(pollMs, undefined, { ref: false });
        }
        return alone;
      } catch {
        return alone;
      }
    },

    async drop(tenant) {
      const { dropped } = namesOf(tenant, '');
      await run(scripts.drop, [dropped], [timeArgument(space), lifetimeMs]).catch(ignore);
    },
  };
}

const ignore = () => {};

/** A claim that nobody else knows of. */
const alone: Claim = { kind: 'claim', put: async () => {}, release: async () => {} };
