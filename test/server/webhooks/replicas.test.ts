import { describe, expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { startReplicas } from '#test/support/replicas/replicas.ts';
import { hasRedis, redisNote, startRedis } from '#test/support/store/redis-server.ts';
import { deliver, eventOf, secret } from '#test/support/webhooks/signed.ts';

const key = 'test';
const id = 'inst_abc123';
const byId = `{ instance(id: "${id}") { status } }`;

async function startTwo() {
  const redis = await startRedis();
  const clock = createTestClock();
  const replicas = await startReplicas({
    redis: redis.url,
    clocks: [clock],
    sharedNow: clock.now,
    count: 2,
    ratePerMinute: 1000,
    env: { AUTH: 'none', ENVIAAI_API_KEY: key, WEBHOOK_SECRET: secret },
  });
  const [one, two] = replicas.all;
  if (!one || !two) throw new Error('There are two replicas');
  return { ...replicas, one, two, clock };
}

describe.skipIf(!hasRedis)(`webhooks of replicas that share a Redis${redisNote}`, () => {
  test('an event that one replica gets is shown by the next read of every other', async () => {
    const { one, two, clock, sandbox, calls } = await startTwo();
    for (const replica of [one, two]) await replica.query(byId);
    expect(calls()).toHaveLength(1);
    clock.advance(10);
    sandbox.control.status({ key, id, status: 'disconnected' });
    expect(await deliver(new URL('/webhooks/enviaai', one.url), eventOf(id))).toBe(204);
    clock.advance(10);
    await expect
      .poll(async () => (await two.query(byId)).data.instance.status)
      .toBe('DISCONNECTED');
    expect((await one.query(byId)).data.instance.status).toBe('DISCONNECTED');
    expect(calls()).toHaveLength(2);
  });
});
