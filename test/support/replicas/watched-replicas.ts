import { Redis } from 'ioredis';
import { onTestFinished } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { openStream, type StreamClient } from '#test/support/live/stream-client.ts';
import { watchUpstreamTraffic } from '#test/support/live/upstream-traffic.ts';
import { startRedis } from '#test/support/store/redis-server.ts';
import { type ReplicasOptions, startReplicas } from './replicas.ts';

/** More than the commands that one poll sends to Redis, one after the other. */
const rounds = 12;

/** Replicas whose time the test lets pass, and a Redis of their own. */
export async function startWatchedReplicas(options: Omit<ReplicasOptions, 'redis'> = {}) {
  const redis = await startRedis();
  const clocks = Array.from({ length: options.count ?? 3 }, () => createTestClock());
  const sharedNow = () => Math.max(...clocks.map(({ now }) => now()));
  const replicas = await startReplicas({ redis: redis.url, clocks, sharedNow, ...options });
  const traffic = watchUpstreamTraffic(replicas.sandbox.url);
  const admin = new Redis(redis.url.href, { retryStrategy: () => 10 });
  // While Redis is stopped.
  admin.on('error', () => {});
  onTestFinished(() => admin.disconnect());
  let isUp = true;

  /** Resolves when no call is in flight, and what Redis replied has been passed on. */
  async function settle(): Promise<void> {
    for (let round = 0; round < rounds; round += 1) {
      if (isUp) await admin.ping();
      await traffic.settle();
    }
  }
  return {
    ...replicas,
    settle,
    /** A stream at each replica, one after the other: none waits for a call of another. */
    async openAll(query: string): Promise<readonly StreamClient[]> {
      const streams: StreamClient[] = [];
      for (const { url } of replicas.all) {
        streams.push(await openStream(url, query));
        await settle();
      }
      return streams;
    },
    /** What was published while they reconnect is lost. */
    cutSubscribers: () => admin.client('KILL', 'TYPE', 'PUBSUB'),
    async stopRedis(): Promise<void> {
      isUp = false;
      await redis.stop();
    },
    /** It is empty. */
    async restartRedis(): Promise<void> {
      await redis.restart();
      isUp = true;
    },
    /** Lets time pass at one replica after the other, since their timers do not ring together. */
    async pass(ms: number, stepMs = 500): Promise<void> {
      for (let left = ms; left > 0; left -= stepMs) {
        for (const clock of clocks) {
          clock.advance(Math.min(stepMs, left));
          await settle();
        }
      }
    },
  };
}

export type WatchedReplicas = Awaited<ReturnType<typeof startWatchedReplicas>>;
