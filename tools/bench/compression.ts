import { createClient } from './client.ts';
import { preparedKeys } from './comparison-keys.ts';
import { defaultConnections } from './comparisons.ts';
import { type Encoding, encodings } from './encoding.ts';
import {
  createMeasurement,
  measureAlternately,
  type Measurement,
  type Round,
} from './measurement.ts';
import type { Options } from './options.ts';
import { listOf, oneKey, type Scenario } from './scenarios.ts';
import type { ServerPool } from './server-pool.ts';
import type { TestedServer } from './servers.ts';
import { ratiosOf, spreadOf } from './statistics.ts';
import { figure, sectionOf, spreadText, tableOf } from './table.ts';

const rows = 100;
/** Part of the duration of a round. */
const share = 0.25;

export const head = [
  'encoding',
  'bytes',
  'cached: CPU ms / 1000',
  '× plain',
  'new: CPU ms / 1000',
  '× plain',
];

const scenarioOf = (encoding: Encoding | undefined): Scenario => {
  const { operation, isComplete } = listOf(rows, rows);
  return {
    name: `list of 100, ${encoding ?? 'plain'}`,
    description: '',
    rows,
    ...oneKey,
    operation: encoding ? (turn) => ({ ...operation(turn), encoding }) : operation,
    isComplete,
  };
};

interface Encoded {
  readonly title: string;
  readonly bytes: number;
  readonly cached: Measurement;
  readonly fresh: Measurement;
}

/** Measures compressed responses beside plain ones, from the cache and each one new. */
export async function runCompression(
  { rounds, roundMs }: Options,
  pool: ServerPool,
): Promise<string> {
  const sandbox = await pool.sandbox();
  const [warm, fetched] = await pool.servers(['warm', 'fetched']);
  if (!warm || !fetched) throw new Error('This server is missing');

  const measured = async (tested: TestedServer, scenario: Scenario, isNew: boolean) => {
    const { name } = scenario;
    const keys = await preparedKeys(sandbox, { name, scenario, changing: isNew }, tested.name);
    // Operations at the same time would share one execution, and its compressed bytes.
    const connections = isNew ? 1 : defaultConnections;
    const shared = { sandbox, tested, scenario, keys, connections };
    const measurement = createMeasurement({ ...shared, roundMs: roundMs * share });
    await measurement.warmUp();
    return measurement;
  };
  const all: Encoded[] = [];
  for (const encoding of [undefined, ...encodings]) {
    const scenario = scenarioOf(encoding);
    all.push({
      title: encoding ?? 'plain',
      bytes: await bytesOf(warm, scenario),
      cached: await measured(warm, scenario, false),
      fresh: await measured(fetched, scenario, true),
    });
  }
  const measurements = all.flatMap(({ cached, fresh }) => [cached, fresh]);
  const results = await measureAlternately(measurements, rounds);
  for (const measurement of measurements) await measurement.close();

  const cpuOf = (measurement: Measurement | undefined) =>
    ((measurement && results.get(measurement)) ?? []).map((round: Round) => round.cpuMsPer1000);
  const cells = (measurement: Measurement, plain: Measurement | undefined) => [
    spreadText(spreadOf(cpuOf(measurement))),
    measurement === plain ? '1' : spreadText(ratiosOf(cpuOf(measurement), cpuOf(plain))),
  ];
  const body = all.map(({ title, bytes, cached, fresh }) => [
    title,
    figure(bytes),
    ...cells(cached, all[0]?.cached),
    ...cells(fresh, all[0]?.fresh),
  ]);
  const description = `all fields of ${rows} rows; cached: ${defaultConnections} connections, the same response; new: one connection, \`FRESH_MS=0\`, a row moves after every call, so that each response is compressed`;
  return sectionOf('compression', description, tableOf(head, body));
}

async function bytesOf({ server, protocol }: TestedServer, scenario: Scenario): Promise<number> {
  const client = createClient(server.url, protocol, 1);
  const turn = { number: 0, worker: 0, step: 0, last: null };
  const { length } = await client.send(scenario.operation(turn), 'bytes');
  await client.close();
  return length;
}
