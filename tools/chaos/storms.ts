import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Answered,
  type Ask,
  codesOf,
  createClient,
  instanceOf,
  list,
  load,
  quantile,
} from './clients.ts';
import type { Finding } from './findings.ts';
import { type World, withWorld } from './process.ts';

const fresh = { 'cache-control': 'no-cache' };
const ms = (value: number) => `${value.toFixed(0)} ms`;

/** The upstream calls of a load. */
async function counted(world: World, run: () => Promise<Answered[]>) {
  const before = await world.calls();
  const answered = await run();
  return { answered, calls: (await world.calls()) - before };
}

const same = (): Ask => ({ key: 'one', query: list });
const different = (_: number, client: number): Ask => ({
  key: 'two',
  query: instanceOf(`inst_two_${client}`),
});

export const rateStorm = (): Promise<Finding[]> =>
  withWorld({}, async (world) => {
    const client = createClient(world.url);
    await world.turn('', '429');
    const findings: Finding[] = [];
    // Of different things, those are under way at once that were asked for before the first refusal came.
    for (const [name, most, ask] of [
      ['one list', 6, same],
      ['20 instances', 20 + 6, different],
    ] as const) {
      const { answered, calls } = await counted(world, () =>
        load(client, { clients: 20, seconds: 3 }, ask),
      );
      findings.push({
        promise: `20 clients, 3 s of 429, ${name}: at most ${most} upstream calls`,
        seen: `${calls} calls; ${codesOf(answered)}`,
        held: calls <= most,
      });
    }
    await client.close();
    return findings;
  });

/** How long it takes until a key is served again. */
async function recovery(client: ReturnType<typeof createClient>, key: string): Promise<number> {
  const startedAt = performance.now();
  while (performance.now() - startedAt < 15_000) {
    if ((await client.send({ key, query: list })).code === null) break;
    await sleep(50);
  }
  return performance.now() - startedAt;
}

export const unavailable = (): Promise<Finding[]> =>
  withWorld({}, async (world) => {
    const client = createClient(world.url);
    const findings: Finding[] = [];
    for (const [name, key, ask, most] of [
      ['one list', 'one', same, 10],
      ['50 instances', 'two', different, 32 + 20 + 10],
    ] as const) {
      await world.turn('', '503');
      const { answered, calls } = await counted(world, () =>
        load(client, { clients: 50, seconds: 4 }, ask),
      );
      await world.turn('', 'well');
      const took = await recovery(client, key);
      findings.push(
        {
          promise: `50 clients, 4 s of 503, ${name}: at most ${most} upstream calls`,
          seen: `${calls} calls; ${codesOf(answered)}`,
          held: calls <= most,
        },
        { promise: 'normal within 10 s of its end', seen: ms(took), held: took < 10_000 },
      );
    }
    await client.close();
    return findings;
  });

export const refusedPort = (): Promise<Finding[]> =>
  withWorld({}, async (world) => {
    const client = createClient(world.url);
    await world.listen(false);
    const answered = await load(client, { clients: 20, seconds: 3 }, (_, number) => ({
      key: `key-${number}`,
      query: list,
    }));
    await world.listen(true);
    const took = await recovery(client, 'key-1');
    await client.close();
    const slowest = quantile(answered, 1);
    return [
      {
        promise: 'a refused connection is told within 5 s',
        seen: `${ms(slowest)} at most; ${codesOf(answered)}`,
        held: slowest < 5000 && answered.every(({ code }) => code === 'UPSTREAM_UNAVAILABLE'),
      },
      { promise: 'normal within 10 s of its end', seen: ms(took), held: took < 10_000 },
    ];
  });

export const hanging = (): Promise<Finding[]> =>
  withWorld({}, async (world) => {
    const client = createClient(world.url, 256);
    await world.turn('hanging', 'hang');
    const stuck = Array.from({ length: 100 }, (_, number) =>
      client.send({ key: 'hanging', query: instanceOf(`inst_${number}`) }),
    );
    const answered = await load(client, { clients: 5, seconds: 4 }, () => ({
      key: 'other',
      query: list,
      headers: fresh,
    }));
    const told = await Promise.all(stuck);
    await world.turn('hanging', 'well');
    const took = await recovery(client, 'hanging');
    await client.close();
    const p95 = quantile(answered, 0.95);
    const slowest = quantile(told, 1);
    return [
      {
        promise: "100 hanging queries of one key leave another's p95 under 1 s",
        seen: `p95 ${ms(p95)} of ${codesOf(answered)}`,
        held: p95 < 1000 && answered.every(({ code }) => code === null),
      },
      {
        promise: 'each of the 100 is told within 12 s',
        seen: `${ms(slowest)} at most; ${codesOf(told)}`,
        held: slowest < 12_000 && told.every(({ code }) => code !== null),
      },
      { promise: 'normal within 10 s of its end', seen: ms(took), held: took < 10_000 },
    ];
  });
