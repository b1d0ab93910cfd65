import { describe, expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { openStream } from '#test/support/live/stream-client.ts';
import { startReplicas } from '#test/support/replicas/replicas.ts';
import { hasRedis, redisNote, startRedis } from '#test/support/store/redis-server.ts';

const list = 'subscription { instances { complete changed { id name } gone stale } }';
const rename =
  'mutation { updateInstance(id: "inst_ghi789", input: { name: "Renamed" }) { instance { id } } }';

describe.skipIf(!hasRedis)(`streams at several replicas${redisNote}`, () => {
  test('a write at one shows in the streams of all, which poll within one budget', async () => {
    const redis = await startRedis();
    const clock = createTestClock();
    const { all, calls } = await startReplicas({
      redis: redis.url,
      clocks: [clock],
      sharedNow: clock.now,
    });
    const streams = await Promise.all(all.map(({ url }) => openStream(url, list)));
    const events = () =>
      streams.map((stream) => stream.results().map(({ data }) => data.instances));
    await expect.poll(() => events().map(({ length }) => length)).toEqual([1, 1, 1]);
    expect(calls()).toHaveLength(1);

    expect((await all[0]?.query(rename))?.errors).toBeUndefined();
    const renamed = expect.objectContaining({ changed: [{ id: 'inst_ghi789', name: 'Renamed' }] });
    const pass = async () => {
      clock.advance(250);
      return events().map((sent) => sent[1]);
    };
    await expect.poll(pass, { timeout: 20_000 }).toEqual([renamed, renamed, renamed]);
    const seconds = (clock.now() - Date.UTC(2026, 0, 1)) / 1000;
    // Each poll of a replica finds the page that another one has just read.
    expect(calls('test').length).toBeLessThanOrEqual(2 + Math.ceil(seconds / 2.7));
    expect(
      events()
        .flat()
        .some(({ stale }) => stale),
    ).toBe(false);
  });
});
