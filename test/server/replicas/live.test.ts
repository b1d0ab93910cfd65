import { describe, expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { mergedList } from '#test/support/live/merged-list.ts';
import { openStream, type StreamClient } from '#test/support/live/stream-client.ts';
import { startReplicas } from '#test/support/replicas/replicas.ts';
import {
  startWatchedReplicas,
  type WatchedReplicas,
} from '#test/support/replicas/watched-replicas.ts';
import { hasRedis, redisNote, startRedis } from '#test/support/store/redis-server.ts';

const key = 'test';
const id = 'inst_abc123';
const list = 'subscription { instances { complete changed { id name } gone stale } }';
const statuses = 'subscription { instances { complete changed { id status } gone stale } }';
const ids = `subscription { instances(ids: ["${id}"]) { complete changed { id status } gone stale } }`;
const one = `subscription { instance(id: "${id}") { status } }`;
const rename =
  'mutation { updateInstance(id: "inst_ghi789", input: { name: "Renamed" }) { instance { id } } }';

const eventsOf = ({ results }: StreamClient) =>
  results().map(({ data, errors }) => errors ?? data.instances);

/** Lets minutes pass in which an instance changes every ten seconds, and returns the last status. */
async function passMinutes(replicas: WatchedReplicas, minutes: number): Promise<string> {
  let status: 'connected' | 'disconnected' = 'connected';
  for (let change = 0; change < minutes * 6; change += 1) {
    status = change % 2 === 0 ? 'disconnected' : 'connected';
    replicas.sandbox.control.status({ key, id, status });
    await replicas.pass(10_000);
  }
  return status.toUpperCase();
}

/** Streams at some replicas for three minutes, and the upstream calls that they cost. */
async function watchFor3Minutes(count: number) {
  const replicas = await startWatchedReplicas({ count });
  const lists = await replicas.openAll(statuses);
  const byId = await replicas.openAll(ids);
  const single = await replicas.openAll(one);
  const status = await passMinutes(replicas, 3);
  for (const events of [...lists, ...byId].map(eventsOf)) {
    expect(events).toHaveLength(1 + 18);
    expect(mergedList(events).get(id)).toBe(status);
    expect(events.filter(({ stale }) => stale)).toEqual([]);
  }
  for (const { results } of single) expect(results().at(-1)?.data.instance.status).toBe(status);
  expect(await replicas.refusals()).toBe(0);
  return replicas.calls().length;
}

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

  test('three cost the upstream calls of one, give or take one, in three minutes', async () => {
    const [ofOne, ofThree] = [await watchFor3Minutes(1), await watchFor3Minutes(3)];
    expect(ofOne).toBeLessThanOrEqual(3 * 22);
    expect(Math.abs(ofThree - ofOne)).toBeLessThanOrEqual(1);
  });

  test('three share the pages of a long list, none of which gets stale', async () => {
    const replicas = await startWatchedReplicas({ instances: 250 });
    const lists = await replicas.openAll(statuses);
    const byId = await replicas.openAll(ids);
    const status = await passMinutes(replicas, 3);
    await replicas.pass(20_000);
    for (const events of [...lists, ...byId].map(eventsOf)) {
      expect(mergedList(events).get(id)).toBe(status);
      expect(events.filter(({ stale }) => stale)).toEqual([]);
    }
    expect(lists.map((stream) => mergedList(eventsOf(stream)).size)).toEqual([250, 250, 250]);
    // The first pages, and the windows that 200 seconds touch.
    expect(replicas.calls().length).toBeLessThanOrEqual(3 + 4 * 22);
    expect(await replicas.refusals()).toBe(0);
  });

  test('a write of which the message is lost shows at the other replicas with their next poll', async () => {
    const replicas = await startWatchedReplicas();
    const streams = await replicas.openAll(list);
    await replicas.pass(1000);
    await replicas.cutSubscribers();
    expect((await replicas.all[0]?.query(rename))?.errors).toBeUndefined();
    await replicas.settle();
    expect(streams.map((stream) => eventsOf(stream).length)).toEqual([2, 1, 1]);
    await replicas.pass(2000);
    for (const stream of streams) {
      expect(eventsOf(stream).slice(1)).toMatchObject([
        { changed: [{ id: 'inst_ghi789', name: 'Renamed' }] },
      ]);
    }
  });

  test('streams outlast a Redis that is killed, and one that starts again empty', async () => {
    const replicas = await startWatchedReplicas();
    const streams = await replicas.openAll(statuses);
    await replicas.stopRedis();
    const alone = await passMinutes(replicas, 1);
    for (const stream of streams) {
      expect(mergedList(eventsOf(stream)).get(id)).toBe(alone);
      expect(eventsOf(stream).filter(({ stale }) => stale)).toEqual([]);
      expect(stream.isEnded()).toBe(false);
    }
    // Each has a third of the budget.
    expect(replicas.calls().length).toBeLessThanOrEqual(50);

    await replicas.restartRedis();
    const stores = async () =>
      (await Promise.all(replicas.all.map((replica) => replica.readiness()))).map(
        ({ store }) => store,
      );
    await expect.poll(stores).toEqual(['redis', 'redis', 'redis']);
    await replicas.pass(10_000);
    const before = replicas.calls().length;
    const together = await passMinutes(replicas, 1);
    expect(replicas.calls().length - before).toBeLessThanOrEqual(22);
    for (const stream of streams) {
      expect(mergedList(eventsOf(stream)).get(id)).toBe(together);
      expect(stream.isEnded()).toBe(false);
    }
    expect(await replicas.refusals()).toBe(0);
  });
});
