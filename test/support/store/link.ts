import { onTestFinished } from 'vitest';
import { createRedisLink, type RedisLink } from '#src/store/redis/redis-link.ts';

export const prefix = 'enviaai:2:test';

export interface CountedLink extends RedisLink {
  /** Each time that Redis became available (true) or unavailable. */
  readonly changes: readonly boolean[];
  /** Number of failed commands. */
  readonly failures: () => number;
}

/** A started link to Redis, stopped after the test. */
export async function startLink(url: URL): Promise<CountedLink> {
  const changes: boolean[] = [];
  let failures = 0;
  const link = createRedisLink({
    url,
    prefix,
    onStateChange: (isUp) => changes.push(isUp),
    onCommandFailure: () => (failures += 1),
  });
  onTestFinished(() => link.stop());
  await link.start();
  return { ...link, changes, failures: () => failures };
}
