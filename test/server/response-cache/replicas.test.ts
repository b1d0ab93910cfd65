import { describe, expect, test } from 'vitest';
import { startReplicas, type Replica } from '#test/support/replicas/replicas.ts';
import { hasRedis, redisNote, startRedis } from '#test/support/store/redis-server.ts';
import { createTestClock } from '#test/support/clock.ts';
import {
  uncached,
  dataOf,
  fullList,
  noCache,
  withoutCursors,
} from '#test/support/response-cache/caching-server.ts';

const key = 'test';

async function start(instances = 3) {
  const redis = await startRedis();
  const clock = createTestClock();
  const replicas = await startReplicas({
    redis: redis.url,
    clocks: [clock],
    sharedNow: clock.now,
    count: 2,
    instances,
  });
  const [one, two] = replicas.all;
  return { ...replicas, clock, one: one!, two: two! };
}

const reused = (replica: Replica) => replica.figure('enviaai_answers_reused_total');

describe.skipIf(!hasRedis)(`the response cache with replicas${redisNote}`, () => {
  test('a page of another replica revalidates a cached response without a call', async () => {
    const { one, two, clock, calls } = await start();
    const first = await one.query(fullList);
    expect(dataOf(await two.query(fullList))).toBe(dataOf(first));
    clock.advance(2001);
    const refreshed = await two.query(fullList);
    expect(refreshed.extensions?.enviaai?.calls).toBe(1);
    const again = await one.query(fullList);
    expect(again.extensions?.enviaai).toMatchObject({
      calls: 0,
      asOf: new Date(clock.now()).toISOString(),
      stale: false,
    });
    expect(dataOf(again)).toBe(dataOf(refreshed));
    expect(withoutCursors(again)).toBe(withoutCursors(first));
    expect([await reused(one), await reused(two)]).toEqual([1, 1]);
    expect(await one.figure('enviaai_upstream_calls_saved_total{by="replica"}')).toBe(1);
    expect(calls()).toHaveLength(2);
  });

  test('a change that another replica has read replaces a cached response without a call', async () => {
    const { one, two, clock, calls, sandbox } = await start();
    await one.query(fullList);
    await one.query(fullList);
    sandbox.control.status({ key, id: 'inst_abc123', status: 'disconnected' });
    clock.advance(2001);
    await two.query(fullList);
    const { data, extensions } = await one.query(fullList);
    expect(data.instances.edges[0].node.status).toBe('DISCONNECTED');
    expect(extensions?.enviaai?.calls).toBe(0);
    expect(await reused(one)).toBe(1);
    expect(calls()).toHaveLength(2);
  });

  test('polls of two pages on two replicas cost the calls of one, with the data of an uncached response', async () => {
    const { one, two, clock, calls, sandbox } = await start(150);
    const ends =
      'query Ends { a: instances(first: 1) { totalCount nodes { status } } b: instances(last: 1) { nodes { id } } }';
    for (let round = 0; round < 6; round += 1) {
      if (round === 3) sandbox.control.add({ key, at: 0, instance: { status: 'disconnected' } });
      for (const replica of [one, two]) {
        const before = calls().length;
        const { data, extensions } = await replica.query(ends);
        expect(extensions?.enviaai?.calls).toBe(calls().length - before);
        expect(calls().length - before).toBe(replica === one ? 2 : 0);
        const executed = await replica.query(uncached(ends));
        expect(executed.data).toEqual(data);
      }
      clock.advance(2001);
    }
    expect(calls()).toHaveLength(12);
  });

  test('a key that was refused on one replica gets no cached response on the other after its next call', async () => {
    const { one, two, clock, sandbox } = await start();
    await one.query(fullList);
    await two.query(fullList);
    clock.advance(1);
    sandbox.control.fail({ key, status: 401 });
    await one.query(fullList, {}, noCache);
    clock.advance(2001);
    sandbox.control.fail({ key, status: 503, times: 100 });
    // If the key had not been refused, stale rows would be served for a minute.
    const { data, errors } = await two.query(fullList);
    expect(data.instances).toBeNull();
    expect(errors).toHaveLength(1);
    expect(await reused(two)).toBe(0);
  });
});
