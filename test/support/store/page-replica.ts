import { createRedisPages } from '#src/store/redis/redis-pages.ts';
import type {
  Claim,
  StoredResponse,
  SharedPages,
  ResponseRequirement,
} from '#src/store/shared-pages.ts';
import { prefix, startLink } from '#test/support/store/link.ts';
import { type RedisServer } from '#test/support/store/redis-server.ts';

export const always = Number.NEGATIVE_INFINITY;
export const anything: ResponseRequirement = { receivedAfter: always, sentSince: always };
export const bytes = Buffer.from([0, 255, 10, 13, 0, 128]);

export interface Replica extends SharedPages {
  readonly now: () => number;
}

/** A replica whose clock is ahead by `aheadMs`. */
export async function startReplica({ url }: RedisServer, aheadMs = 0): Promise<Replica> {
  const link = await startLink(url);
  const now = () => Date.now() + aheadMs;
  const keyspace = { prefix };
  return {
    now,
    ...createRedisPages({ link, keyspace, localNow: now, lifetimeMs: 60_000, waitMs: 5000 }),
  };
}

export async function claimOf(
  replica: SharedPages,
  requirement = anything,
  name = 'all:0',
): Promise<Claim> {
  const outcome = await replica.claim('tenant', name, requirement);
  if (outcome.kind !== 'claim') throw new Error('There was a response');
  return outcome;
}

export async function responseOf(
  replica: SharedPages,
  requirement = anything,
  name = 'all:0',
): Promise<StoredResponse> {
  const outcome = await replica.claim('tenant', name, requirement);
  if (outcome.kind !== 'response') throw new Error('There was no response');
  return outcome;
}
