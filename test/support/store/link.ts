import { expect, onTestFinished, vi } from 'vitest';
import { systemClock } from '#src/domain/clock.ts';
import { createRedisLink, type RedisLink } from '#src/store/redis/redis-link.ts';

export const prefix = 'enviaai:3:test';

export interface CountedLink extends RedisLink {
  /** Each time that Redis became available (true) or unavailable. */
  readonly changes: readonly boolean[];
  /** Number of failed commands. */
  readonly failures: () => number;
  /** Sends a heartbeat, and waits until it has told another epoch of Redis's clock. */
  readonly beat: () => Promise<void>;
}

/** A started link to Redis, stopped after the test. Without `now`, it uses the time of Redis. */
export async function startLink(url: URL, now?: () => number): Promise<CountedLink> {
  const heartbeats = new Set<() => void>();
  const changes: boolean[] = [];
  let failures = 0;
  const link = createRedisLink({
    url,
    prefix,
    now,
    setTimer(ms, callback) {
      // Heartbeats are sent when the test says so.
      if (now === undefined || ms !== 1000) return systemClock.setTimer(ms, callback);
      heartbeats.add(callback);
      return () => heartbeats.delete(callback);
    },
    onStateChange: (isUp) => changes.push(isUp),
    onCommandFailure: () => (failures += 1),
  });
  onTestFinished(() => link.stop());
  const beat = async () => {
    const before = link.clockEpoch();
    // A heartbeat is sent at every fifth time.
    for (let times = 0; times < 5; times += 1) for (const ring of heartbeats) ring();
    await vi.waitFor(() => expect(link.clockEpoch()).not.toBe(before));
  };
  await link.start();
  return { ...link, changes, failures: () => failures, beat };
}
