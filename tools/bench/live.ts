import { spawnSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { startingRows } from '#src/sandbox/account/grow.ts';
import { createClient } from './client.ts';
import { edgesOfAllFields } from './documents.ts';
import { list } from './scenarios.ts';
import { startOurs } from './servers.ts';
import { createFleet, type ServerProcess } from './servers/fleet.ts';
import type { Figures } from './servers/messages.ts';
import { sharedNow } from './shared-clock.ts';
import { quantile } from './statistics.ts';
import { figure, sectionOf, tableOf } from './table.ts';
import { verdict } from './targets.ts';

const name = 'live';
const key = 'live';
const rows = 100;
const ratePerMinute = 50;
const manyStreams = 10_000;
const manyCohorts = 20;
/** Open files that a process needs beside its connections. */
const otherFiles = 500;

const warmUpMs = 1000;
const warmUpConnections = 32;
/** The interval of the heartbeats: each stream gets one while it is measured. */
const seconds = 12;
/** An event comes within a poll, 3 s, and the time for writing it. */
const maxDelayMs = 8000;

const maxCalls = 22;
const maxDelayP99Ms = 3500;
const maxMemoryKb = 20;

export const head = [
  'streams',
  'operations',
  'CPU ms a change',
  'bytes a stream a change',
  'RSS, MB',
  'memory a stream, KB',
  'last socket: p50 ms',
  'p99 ms',
  'max ms',
  'calls a minute',
  'targets',
];

/** Measures what streams of one key cost, and how fast a change reaches the last of them. */
export async function runLive(): Promise<string> {
  const openFiles = openFilesLimit();
  const most = Math.min(manyStreams, openFiles - otherFiles);
  const few = [
    { streams: 1, cohorts: 1 },
    { streams: 100, cohorts: 1 },
    { streams: 100, cohorts: manyCohorts },
  ];
  // Together: they leave most of two cores idle.
  const body = await Promise.all(few.map(measured));
  for (const cohorts of [1, manyCohorts]) body.push(await measured({ streams: most, cohorts }));
  body.push(await measuredAlone(most));
  const limited =
    most < manyStreams
      ? `. This machine allows a process ${openFiles} open files: ${figure(most)} streams in place of ${figure(manyStreams)}`
      : '';
  const description = `${rows} rows of one key, one of which changes each second; each stream gets the rows and then the changes${limited}`;
  return sectionOf(name, description, tableOf(head, body));
}

interface Streams {
  readonly streams: number;
  /** Different operations. */
  readonly cohorts: number;
}

/** The row of the table for these streams of this server. */
async function measured({ streams, cohorts }: Streams): Promise<readonly string[]> {
  const fleet = createFleet();
  try {
    const vendor = await fleet.start('vendor', { instances: rows, ratePerMinute });
    const env = { ENVIAAI_RATE_PER_MINUTE: String(ratePerMinute) };
    const server = await startOurs(fleet, vendor, env);
    const subscribers = await fleet.start('subscribers', {});
    await warmUp(server);
    const idle = await server.collected();
    await subscribers.subscribe({ url: server.url, key, streams, cohorts });

    await subscribers.takeArrivals();
    await vendor.takeCalls();
    const before = await server.collected();
    await changeRows(vendor, subscribers);
    const after = await server.figures();
    const { bytes } = await subscribers.takeArrivals();
    const delays = await delaysOf(subscribers);
    const callsAt = (await vendor.takeCalls())
      .filter((call) => call.key === key)
      .map(({ startedAt }) => startedAt);

    const isMany = streams > 1000;
    const memoryKb = (grownMb(idle, after) * 1024) / streams;
    const p99 = quantile(delays, 0.99);
    const perMinute = perMinuteOf(callsAt);
    const targets = [
      `p99 ${verdict(p99, maxDelayP99Ms)}`,
      `calls ${verdict(perMinute, maxCalls)}`,
      ...(isMany ? [`memory ${verdict(memoryKb, maxMemoryKb)}`] : []),
    ];
    return [
      figure(streams),
      figure(cohorts),
      figure((after.cpuMs - before.cpuMs) / seconds),
      figure(Math.round(bytes / seconds / streams)),
      figure(Math.round(after.rssMb)),
      isMany ? figure(memoryKb) : '',
      ...[quantile(delays, 0.5), p99, quantile(delays, 1)].map(figure),
      figure(perMinute),
      targets.join('; '),
    ];
  } finally {
    await fleet.stop();
  }
}

/** Queries for some seconds, so that the memory of the server has the size that it has in use. */
async function warmUp(server: ServerProcess): Promise<void> {
  const client = createClient(server.url, 'graphql', warmUpConnections);
  const operation = list(edgesOfAllFields, rows);
  const until = performance.now() + warmUpMs;
  const query = async () => {
    while (performance.now() < until) await client.send(operation, 'live-warm-up');
  };
  await Promise.all(Array.from({ length: warmUpConnections }, query));
  await client.close();
}

/** Changes another row each second, at different moments between two polls. */
async function changeRows(vendor: ServerProcess, subscribers: ServerProcess): Promise<void> {
  const startedAt = performance.now();
  const until = (second: number) =>
    delay(Math.max(0, startedAt + second * 1000 - performance.now()));
  for (const [second, { id, status }] of startingRows(seconds).entries()) {
    await until(second + ((second * 0.618) % 1) * 0.9);
    await subscribers.expect({ id: String(id), changedAt: sharedNow() });
    const other = status === 'connected' ? 'disconnected' : 'connected';
    await vendor.change({ key, id: String(id), status: other });
  }
  await until(seconds);
}

/** From each change to the last stream, in ascending order. Infinity: it has not arrived. */
async function delaysOf(subscribers: ServerProcess): Promise<readonly number[]> {
  const until = performance.now() + maxDelayMs;
  let { delaysMs } = await subscribers.takeArrivals();
  while (delaysMs.includes(null) && performance.now() < until) {
    await delay(100);
    ({ delaysMs } = await subscribers.takeArrivals());
  }
  return delaysMs.map((ms) => ms ?? Infinity).toSorted((a, b) => a - b);
}

/**
 * The growth of the memory, without V8's young generation: it grows to its upper bound in any process
 * with work to do, whatever the number of streams.
 */
const grownMb = (before: Figures, after: Figures): number =>
  after.rssMb - after.youngMb - (before.rssMb - before.youngMb);

/** By the time from the first call to the last one. */
function perMinuteOf(callsAt: readonly number[]): number {
  const elapsedMs = Math.max(...callsAt) - Math.min(...callsAt);
  return Math.round(((callsAt.length - 1) / elapsedMs) * 60_000 * 10) / 10;
}

/** The row for `node:http` alone, which writes as many events and heartbeats of the same size. */
async function measuredAlone(streams: number): Promise<readonly string[]> {
  const fleet = createFleet();
  const shown = startingRows(rows).map(({ id, name: title, status }) => ({
    id,
    name: title,
    status: String(status).toUpperCase(),
  }));
  const eventOf = (complete: boolean, changed: readonly object[]) => {
    const end = { gone: [], totalCount: rows, asOf: '2026-01-01T00:00:00.000Z', stale: false };
    const data = { instances: { complete, changed, ...end } };
    return `event: next\ndata: ${JSON.stringify({ data })}\n\n`;
  };
  try {
    const server = await fleet.start('openResponses', { firstEvent: eventOf(true, shown) });
    const subscribers = await fleet.start('subscribers', {});
    const warm = { url: server.url, key, streams: 100, cohorts: 1 };
    await (await fleet.start('subscribers', {})).subscribe(warm);
    const idle = await server.collected();
    await subscribers.subscribe({ ...warm, streams });
    await subscribers.takeArrivals();
    const before = await server.collected();
    for (const at of [0, 3, 6, 9]) {
      await server.broadcast(eventOf(false, shown.slice(at, at + 3)));
      await delay(600);
    }
    await server.broadcast(':\n\n');
    await delay(600);
    const after = await server.figures();
    const { bytes } = await subscribers.takeArrivals();
    return [
      `\`node:http\` alone, ${figure(streams)}`,
      '',
      figure((after.cpuMs - before.cpuMs) / seconds),
      figure(Math.round(bytes / seconds / streams)),
      figure(Math.round(after.rssMb)),
      figure((grownMb(idle, after) * 1024) / streams),
      '',
      '',
      '',
      '',
      '',
    ];
  } finally {
    await fleet.stop();
  }
}

/** How many files and connections a process may open here. Node raises its own limit to this. */
function openFilesLimit(): number {
  const { stdout } = spawnSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' });
  const limit = Number(stdout);
  return limit > 0 ? limit : Infinity;
}
