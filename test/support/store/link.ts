import { onTestFinished } from 'vitest';
import { createRedisLink, type RedisLink } from '#src/store/redis/redis-link.ts';

export const prefix = 'enviaai:1:test';

export interface CountedLink extends RedisLink {
  /** How often Redis went away or came back. */
  readonly changes: readonly boolean[];
  /** How many commands it did not carry out. */
  readonly failures: () => number;
}

/** A replica's link to Redis, stopped when the test has ended. */
export async function startLink(url: URL): Promise<CountedLink> {
  const changes: boolean[] = [];
  let failures = 0;
  const link = createRedisLink({
    url,
    prefix,
    changed: (isUp) => changes.push(isUp),
    failed: () => (failures += 1),
  });
  onTestFinished(() => link.stop());
  await link.start();
  return { ...link, changes, failures: () => failures };
}
