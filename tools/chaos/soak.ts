import { randomBytes } from 'node:crypto';
import { type OperationOf, createClient, instanceOf, list, load, quantile } from './clients.ts';
import type { Finding } from './findings.ts';
import { type World, withWorld } from './process.ts';
import type { Figures } from './serve.ts';
import { streamsInTurn, streamsLeft, until } from './watched-streams.ts';

/** Also the number of additional handles. */
const maxGrowth = 40;

const text = ({ rssMb, heapMb, handles }: Figures) =>
  `RSS ${rssMb.toFixed(0)} MB, heap ${heapMb.toFixed(0)} MB, ${handles} handles`;

const phases: readonly (readonly [string, number, OperationOf])[] = [
  ['full load', 6, (turn, client) => ({ key: `old-${(turn + client) % 50}`, query: list })],
  [
    '1,200 new keys',
    5,
    // Each of the 30 clients has 40 separate keys.
    (turn, client) => ({ key: `new-${client}-${turn % 40}`, query: list }),
  ],
  [
    'random ids',
    6,
    (turn, client) => ({
      key: `old-${(turn + client) % 50}`,
      query: instanceOf(`inst_${randomBytes(8).toString('hex')}`),
    }),
  ],
];

/** The same operations with other keys. */
const withOtherKeys =
  (operationOf: OperationOf): OperationOf =>
  (turn, client) => {
    const { key, query } = operationOf(turn, client);
    return { key: `warm-${key}`, query };
  };

export const soak = (): Promise<Finding[]> =>
  withWorld({ CACHE_MAX_MB: '8' }, async (world) => {
    const client = createClient(world.url, 30);
    // Until the heap has reached the size that the load needs.
    for (const [, seconds, operationOf] of [...phases, ...phases.slice(0, 1)]) {
      await load(client, { clients: 30, seconds }, withOtherKeys(operationOf));
    }
    await streamsInTurn(world, { clients: 30, seconds: 1 });
    const before = await world.figures();
    const levelsOff = (after: Figures): boolean =>
      after.rssMb - before.rssMb < maxGrowth &&
      after.heapMb - before.heapMb < maxGrowth &&
      after.handles - before.handles < maxGrowth;
    const findings: Finding[] = [
      { promise: 'soak: after warm-up', observed: text(before), passed: true },
    ];
    for (const [name, seconds, operationOf] of phases) {
      const outcomes = await load(client, { clients: 30, seconds }, operationOf);
      const after = await world.figures();
      const failed = outcomes.filter(({ code, status }) => code !== null || status !== 200);
      const [p50, p99] = [quantile(outcomes, 0.5), quantile(outcomes, 0.99)];
      findings.push(
        {
          promise: `soak, ${name}: RSS, heap and handles level off`,
          observed: text(after),
          passed: levelsOff(after),
        },
        {
          promise: `soak, ${name}: no error, p99 under 12 × p50`,
          observed: `${outcomes.length} responses, ${failed.length} errors, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
          passed: failed.length === 0 && p99 < 12 * p50,
        },
      );
    }
    await client.close();
    const streams = await streamsInTurn(world, { clients: 30, seconds: 5 });
    await until(async () => (await streamsLeft(world)) === 0, 5000);
    const [left, after] = [await streamsLeft(world), await world.figures()];
    findings.push({
      promise: 'soak, streams in turn: RSS, heap and handles level off',
      observed: `${text(after)}; ${streams} streams, ${left} left`,
      passed: levelsOff(after) && left === 0 && streams > 100,
    });
    return findings;
  });

const maxPeakMb = 100;

async function peakOf(world: World, mode: 'huge' | 'bomb'): Promise<Finding> {
  const client = createClient(world.url);
  await load(client, { clients: 4, seconds: 2 }, () => ({ key: 'warm', query: list }));
  const { rssMb } = await world.figures();
  await world.setMode(mode, mode);
  const outcomes = await load(client, { clients: 4, seconds: 4 }, (turn, number) => ({
    key: `${mode}-${number}-${turn}`,
    query: list,
  }));
  const { peakRssMb } = await world.figures();
  await client.close();
  const isRejected = outcomes.every(({ code }) => code === 'UPSTREAM_INVALID_RESPONSE');
  return {
    promise: `responses of ${mode === 'huge' ? '50 MB' : '200 MB, compressed'}: peak RSS under +100 MB`,
    observed: `+${(peakRssMb - rssMb).toFixed(0)} MB over ${rssMb.toFixed(0)}, ${outcomes.length} operations`,
    passed: peakRssMb - rssMb < maxPeakMb && isRejected && outcomes.length > 0,
  };
}

export const floods = (): Promise<Finding[]> =>
  withWorld({}, async (world) => [await peakOf(world, 'huge'), await peakOf(world, 'bomb')]);
