import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Outcome,
  type Operation,
  codesOf,
  createClient,
  instanceOf,
  list,
  load,
  quantile,
} from './clients.ts';
import type { Finding } from './findings.ts';
import { type World, withWorld } from './process.ts';
import { openStreams, watchedPrefix } from './watched-streams.ts';

const noCache = { 'cache-control': 'no-cache' };
const ms = (value: number) => `${value.toFixed(0)} ms`;

/** Runs a load, and counts its upstream calls. */
async function withCalls(world: World, run: () => Promise<Outcome[]>) {
  const before = await world.calls();
  const outcomes = await run();
  return { outcomes, calls: (await world.calls()) - before };
}

const same = (): Operation => ({ key: 'one', query: list });
const different = (_: number, client: number): Operation => ({
  key: 'two',
  query: instanceOf(`inst_two_${client}`),
});

export const rateStorm = (): Promise<Finding[]> =>
  withWorld({}, async (world) => {
    const client = createClient(world.url);
    const watched = await openStreams(world);
    await world.setMode('', '429');
    const findings: Finding[] = [];
    // Reads of different instances are sent at the same time, before the first 429 arrives.
    for (const [name, maxCalls, operationOf] of [
      ['one list', 6, same],
      ['20 instances', 20 + 6, different],
    ] as const) {
      const { outcomes, calls } = await withCalls(world, () =>
        load(client, { clients: 20, seconds: 3 }, operationOf),
      );
      findings.push({
        promise: `20 clients, 3 s of 429, ${name}: at most ${maxCalls} upstream calls`,
        observed: `${calls} calls; ${codesOf(outcomes)}`,
        passed: calls <= maxCalls,
      });
    }
    await client.close();
    await world.setMode('', 'ok');
    return [...findings, ...(await watched.findings('3 s of 429, twice'))];
  });

/** Time until an operation with the key succeeds, in milliseconds; 15 s at most. */
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
    const watched = await openStreams(world);
    const findings: Finding[] = [];
    for (const [name, key, operationOf, maxCalls] of [
      ['one list', 'one', same, 10],
      ['50 instances', 'two', different, 32 + 20 + 10],
    ] as const) {
      await world.setMode('', '503');
      const { outcomes, calls } = await withCalls(world, () =>
        load(client, { clients: 50, seconds: 4 }, operationOf),
      );
      await world.setMode('', 'ok');
      const took = await recovery(client, key);
      findings.push(
        {
          promise: `50 clients, 4 s of 503, ${name}: at most ${maxCalls} upstream calls`,
          observed: `${calls} calls; ${codesOf(outcomes)}`,
          passed: calls <= maxCalls,
        },
        {
          promise: 'works as before within 10 s after the end of the fault',
          observed: ms(took),
          passed: took < 10_000,
        },
      );
    }
    await client.close();
    return [...findings, ...(await watched.findings('4 s of 503, twice'))];
  });

export const refusedPort = (): Promise<Finding[]> =>
  withWorld({}, async (world) => {
    const client = createClient(world.url);
    const watched = await openStreams(world);
    await world.listen(false);
    const outcomes = await load(client, { clients: 20, seconds: 3 }, (_, number) => ({
      key: `key-${number}`,
      query: list,
    }));
    await world.listen(true);
    const took = await recovery(client, 'key-1');
    await client.close();
    const slowest = quantile(outcomes, 1);
    return [
      {
        promise: 'a refused connection is reported within 5 s',
        observed: `slowest ${ms(slowest)}; ${codesOf(outcomes)}`,
        passed: slowest < 5000 && outcomes.every(({ code }) => code === 'UPSTREAM_UNAVAILABLE'),
      },
      {
        promise: 'works as before within 10 s after the end of the fault',
        observed: ms(took),
        passed: took < 10_000,
      },
      ...(await watched.findings('3 s of refused connections')),
    ];
  });

export const hanging = (): Promise<Finding[]> =>
  withWorld({}, async (world) => {
    const client = createClient(world.url, 256);
    const watched = await openStreams(world);
    await world.setMode('hanging', 'hang');
    await world.setMode(watchedPrefix, 'hang');
    const pending = Array.from({ length: 100 }, (_, number) =>
      client.send({ key: 'hanging', query: instanceOf(`inst_${number}`) }),
    );
    const outcomes = await load(client, { clients: 5, seconds: 4 }, () => ({
      key: 'other',
      query: list,
      headers: noCache,
    }));
    const hung = await Promise.all(pending);
    await world.setMode('hanging', 'ok');
    await world.setMode(watchedPrefix, 'ok');
    const took = await recovery(client, 'hanging');
    await client.close();
    const p95 = quantile(outcomes, 0.95);
    const slowest = quantile(hung, 1);
    return [
      {
        promise: "100 hanging queries of one key leave another key's p95 under 1 s",
        observed: `p95 ${ms(p95)} of ${codesOf(outcomes)}`,
        passed: p95 < 1000 && outcomes.every(({ code }) => code === null),
      },
      {
        promise: 'each of the 100 is answered within 12 s',
        observed: `slowest ${ms(slowest)}; ${codesOf(hung)}`,
        passed: slowest < 12_000 && hung.every(({ code }) => code !== null),
      },
      {
        promise: 'works as before within 10 s after the end of the fault',
        observed: ms(took),
        passed: took < 10_000,
      },
      ...(await watched.findings('calls that hang')),
    ];
  });
