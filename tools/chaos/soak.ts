import { randomBytes } from 'node:crypto';
import { type Ask, createClient, instanceOf, list, load, quantile } from './clients.ts';
import type { Finding } from './findings.ts';
import { type World, withWorld } from './process.ts';
import type { Figures } from './serve.ts';

const mostGrowthMb = 40;

const text = ({ rssMb, heapMb, handles }: Figures) =>
  `RSS ${rssMb.toFixed(0)} MB, heap ${heapMb.toFixed(0)} MB, ${handles} handles`;

const phases: readonly (readonly [string, number, (turn: number, client: number) => Ask])[] = [
  ['full load', 6, (turn, client) => ({ key: `old-${(turn + client) % 50}`, query: list })],
  [
    '1,200 keys never seen before',
    5,
    // As fast as it goes: each client has 40 keys of its own.
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

/** The same, of other keys. */
const warmed = (ask: (turn: number, client: number) => Ask) => (turn: number, client: number) => {
  const { key, query } = ask(turn, client);
  return { key: `warm-${key}`, query };
};

export const soak = (): Promise<Finding[]> =>
  withWorld({ CACHE_MAX_MB: '8' }, async (world) => {
    const client = createClient(world.url, 30);
    // Until the heap has the size that the load needs.
    for (const [, seconds, ask] of [...phases, ...phases.slice(0, 1)]) {
      await load(client, { clients: 30, seconds }, warmed(ask));
    }
    const before = await world.figures();
    const findings: Finding[] = [
      { promise: 'soak: after warm-up', seen: text(before), held: true },
    ];
    for (const [name, seconds, ask] of phases) {
      const answered = await load(client, { clients: 30, seconds }, ask);
      const after = await world.figures();
      const failed = answered.filter(({ code, status }) => code !== null || status !== 200);
      const [p50, p99] = [quantile(answered, 0.5), quantile(answered, 0.99)];
      findings.push(
        {
          promise: `soak, ${name}: RSS, heap and handles level off`,
          seen: text(after),
          held:
            after.rssMb - before.rssMb < mostGrowthMb &&
            after.heapMb - before.heapMb < mostGrowthMb &&
            after.handles - before.handles < mostGrowthMb,
        },
        {
          promise: `soak, ${name}: no error, p99 < 12 × p50`,
          seen: `${answered.length} answers, ${failed.length} errors, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
          held: failed.length === 0 && p99 < 12 * p50,
        },
      );
    }
    await client.close();
    return findings;
  });

const mostPeakMb = 100;

async function peakOf(world: World, mode: 'huge' | 'bomb'): Promise<Finding> {
  const client = createClient(world.url);
  await load(client, { clients: 4, seconds: 2 }, () => ({ key: 'warm', query: list }));
  const { rssMb } = await world.figures();
  await world.turn(mode, mode);
  const answered = await load(client, { clients: 4, seconds: 4 }, (turn, number) => ({
    key: `${mode}-${number}-${turn}`,
    query: list,
  }));
  const { peakRssMb } = await world.figures();
  await client.close();
  const told = answered.every(({ code }) => code === 'UPSTREAM_INVALID_RESPONSE');
  return {
    promise: `answers of ${mode === 'huge' ? '50 MB' : '200 MB, compressed'}: peak RSS under +100 MB`,
    seen: `+${(peakRssMb - rssMb).toFixed(0)} MB over ${rssMb.toFixed(0)}, ${answered.length} answers`,
    held: peakRssMb - rssMb < mostPeakMb && told && answered.length > 0,
  };
}

export const floods = (): Promise<Finding[]> =>
  withWorld({}, async (world) => [await peakOf(world, 'huge'), await peakOf(world, 'bomb')]);
