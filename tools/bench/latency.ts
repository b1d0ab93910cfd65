import { setTimeout as delay } from 'node:timers/promises';
import { createClient, OperationFailed } from './client.ts';
import { edgesOfAllFields, lastEdges } from './documents.ts';
import { roundTripsOf } from './round-trips.ts';
import { byIds, list, type Operation, sampleIds } from './scenarios.ts';
import { startOurs, startTestedServer, startVendor } from './servers.ts';
import { createFleet, type ServerProcess } from './servers/fleet.ts';
import type { UpstreamCall } from './servers/vendor.ts';
import { sharedNow } from './shared-clock.ts';
import { medianOf, quantile } from './statistics.ts';
import { figure, sectionOf, tableOf } from './table.ts';
import { verdict } from './targets.ts';

const rows = 1000;
const ids = sampleIds(rows);

/** The pages of all keys fit, so that none is read again because it was evicted. */
const env = { CACHE_MAX_MB: '512' };
const keysOfEach = 40;
/** Operations in flight, each with another key. */
const workers = 8;
/** More than the default `FRESH_MS`, and less than the default `STALE_MS`. */
const staleAfterMs = 2100;

interface Step {
  readonly name: string;
  operation(at: number): Operation;
  /** Steps of one prefix use the same keys, in order. */
  readonly keys: string;
  readonly isForProxy: boolean;
  readonly isAfterFresh?: boolean;
  readonly maxRounds: number;
  readonly maxCalls: number;
}

const listStep: Step = {
  name: 'list of 50, edges, new key',
  operation: () => list(edgesOfAllFields, 50),
  keys: 'list',
  isForProxy: true,
  maxRounds: 1,
  maxCalls: 1,
};
const idsStep: Step = {
  name: '25 of 1,000 by id, new key',
  operation: (at) => byIds(ids(25, at)),
  keys: 'ids',
  isForProxy: true,
  maxRounds: 3,
  maxCalls: 12,
};
const idsAgainStep: Step = {
  ...idsStep,
  name: 'the same after `FRESH_MS`',
  isForProxy: false,
  isAfterFresh: true,
  maxRounds: 2,
  maxCalls: 11,
};
const lastStep: Step = {
  name: '`last: 10`, edges, new key',
  operation: () => ({
    body: JSON.stringify({ query: lastEdges, variables: { last: 10 } }),
    path: '',
  }),
  keys: 'last',
  isForProxy: false,
  maxRounds: 2,
  maxCalls: 2,
};

const allSteps = [listStep, idsStep, idsAgainStep, lastStep];

interface Latency {
  readonly latencyMs: number;
  readonly keys: number;
  readonly steps: readonly Step[];
}

const latencies: readonly Latency[] = [
  ...[0, 20, 150].map((latencyMs) => ({ latencyMs, keys: keysOfEach, steps: allSteps })),
  // One wave of operations: what takes too long is cut off by the deadline.
  { latencyMs: 1000, keys: workers, steps: [idsStep, idsAgainStep] },
];

export const head = [
  'EnviaAI answers after',
  'operation',
  'proxy p50 ms',
  'p50 ms',
  'p99 ms',
  'answered',
  'round trips',
  'calls',
  'targets',
];

/** Measures how long clients wait for a vendor that takes a while, and how often it is called. */
export async function runLatency(): Promise<string> {
  const fleet = createFleet();
  try {
    const vendor = await startVendor(fleet, rows);
    const ours = await startOurs(fleet, vendor, env);
    const { server: proxy } = await startTestedServer(fleet, vendor, 'proxy');
    const body: string[][] = [];
    // Both servers run the code of all steps before the first one is measured.
    for (const prefix of ['a', 'b', 'c']) {
      for (const step of allSteps) {
        await sent(ours, 'graphql', { step, prefix: `warm-up-${prefix}`, count: keysOfEach });
        if (step.isForProxy) {
          await sent(proxy, 'rest', { step, prefix: `warm-up-${prefix}`, count: keysOfEach });
        }
      }
    }
    for (const { latencyMs, keys: count, steps } of latencies) {
      await vendor.setLatency(latencyMs);
      for (const step of steps) {
        if (step.isAfterFresh) await delay(staleAfterMs);
        const batch = { step, prefix: `at-${latencyMs}`, count };
        const base = step.isForProxy ? await sent(proxy, 'rest', batch) : [];
        await vendor.takeCalls();
        const results = await sent(ours, 'graphql', batch);
        const calls = Map.groupBy(await vendor.takeCalls(), ({ key }) => key);
        body.push(rowOf({ latencyMs, step, base, results, calls }));
      }
    }
    const description = `an account of 1,000 rows; ${workers} operations at a time, each with a separate key, in a cache that has room for all; round trips: consecutive upstream calls that an operation waited for (median); calls: the most that an operation needed`;
    return sectionOf('slow vendor', description, tableOf(head, body));
  } finally {
    await fleet.stop();
  }
}

interface Batch {
  readonly step: Step;
  readonly prefix: string;
  readonly count: number;
}

interface Sent {
  readonly key: string;
  readonly isAnswered: boolean;
  readonly durationMs: number;
  /** By the clock of `sharedNow`. */
  readonly endedAt: number;
}

async function sent(
  server: ServerProcess,
  protocol: 'graphql' | 'rest',
  { step, prefix, count }: Batch,
): Promise<readonly Sent[]> {
  const client = createClient(server.url, protocol, workers);
  const results: Sent[] = [];
  let next = 0;
  const work = async () => {
    while (next < count) {
      const at = next;
      next += 1;
      const key = `${prefix}-${step.keys}-${at}`;
      const sentAt = sharedNow();
      const isAnswered = await client.send(step.operation(at), key).then(
        () => true,
        (error: unknown) => {
          if (error instanceof OperationFailed && !error.isFault) return false;
          throw error;
        },
      );
      const endedAt = sharedNow();
      results.push({ key, isAnswered, durationMs: endedAt - sentAt, endedAt });
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  await client.close();
  return results;
}

interface Measured {
  readonly latencyMs: number;
  readonly step: Step;
  /** Of the proxy. */
  readonly base: readonly Sent[];
  readonly results: readonly Sent[];
  readonly calls: ReadonlyMap<string, readonly UpstreamCall[]>;
}

function rowOf({ latencyMs, step, base, results, calls }: Measured): string[] {
  const maxCalls = Math.max(...results.map(({ key }) => calls.get(key)?.length ?? 0));
  const roundTrips = results.map(({ key, endedAt }) => roundTripsOf(calls.get(key) ?? [], endedAt));
  const most = Math.max(...roundTrips);
  const median = medianOf(roundTrips);
  const durations = durationsOf(results);
  const answered = results.filter(({ isAnswered }) => isAnswered).length;
  const targets = [
    // Without a latency, parallel calls end before the next one begins.
    ...(latencyMs > 0 ? [`round trips ${verdict(median, step.maxRounds)}`] : []),
    `calls ${verdict(maxCalls, step.maxCalls)}`,
    ...(latencyMs === 1000
      ? [`all answered${answered === results.length ? ' ✓' : ': missed'}`]
      : []),
  ];
  return [
    `${latencyMs} ms`,
    step.name,
    figure(quantile(durationsOf(base), 0.5)),
    figure(quantile(durations, 0.5)),
    figure(quantile(durations, 0.99)),
    `${answered} of ${results.length}`,
    latencyMs > 0 ? `${figure(median)}${most > median ? `, at most ${most}` : ''}` : '–',
    figure(maxCalls),
    targets.join('; '),
  ];
}

const durationsOf = (all: readonly Sent[]): readonly number[] =>
  all.map(({ durationMs }) => durationMs).toSorted((a, b) => a - b);
