import { describe, expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { openStream } from '#test/support/live/stream-client.ts';
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

  test('an event that one replica gets wakes the streams of all, for one call together', async () => {
    const { all, one, clock, sandbox, calls } = await startTwo();
    const query = 'subscription { instances { changed { id status } } }';
    const streams = await Promise.all(all.map(({ url }) => openStream(url, query)));
    const events = () => streams.map((stream) => stream.results());
    await expect.poll(() => events().map(({ length }) => length)).toEqual([1, 1]);
    expect(calls()).toHaveLength(1);
    clock.advance(1000);
    const eventAt = clock.now();
    sandbox.control.status({ key, id, status: 'disconnected' });
    expect(await deliver(new URL('/webhooks/enviaai', one.url), eventOf(id))).toBe(204);
    const shown = { data: { instances: { changed: [{ id, status: 'DISCONNECTED' }] } } };
    const pass = () => {
      clock.advance(25);
      return events().map((sent) => sent.at(-1));
    };
    await expect.poll(pass, { interval: 50, timeout: 20_000 }).toEqual([shown, shown]);
    // Before a poll is due.
    expect(clock.now() - eventAt).toBeLessThan(1900);
    expect(calls()).toHaveLength(2);
  });
});
