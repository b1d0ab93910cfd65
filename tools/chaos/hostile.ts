import { type Client, codesOf, createClient, list, load, quantile } from './clients.ts';
import type { Finding } from './findings.ts';
import { withWorld } from './process.ts';
import { openStreams } from './watched-streams.ts';

const times = (count: number, part: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => part(index)).join(' ');
const query = (text: string, variables?: object) => JSON.stringify({ query: text, variables });
const spreads = times(
  40,
  (index) => `fragment f${index} on Query { ...f${index + 1} ...f${index + 1} }`,
);

const bodies: readonly string[] = [
  query(`{ ${times(5000, (index) => `a${index}: __typename`)} }`),
  query(`{ ${times(200, (index) => `a${index}: instances(first: 100) { nodes { id name } }`)} }`),
  query(`${'{ a '.repeat(50_000)}${'}'.repeat(50_000)}`),
  query(`{ ...f0 } ${spreads} fragment f40 on Query { __typename }`),
  query('{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }'),
  query(`{ __typename ${'@skip(if: false) '.repeat(20_000)} }`),
  query('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', {
    ids: Array.from({ length: 50_000 }, (_, index) => `inst_${index}`),
  }),
  query(`{ instance(id: "${'x'.repeat(900_000)}") { id } }`),
  query(`{ ${'('.repeat(300_000)}`),
  query(`"""${'"'.repeat(300_000)}`),
  '['.repeat(1_000_000),
  `{"query":"{ __typename }","variables":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`,
  'x'.repeat(5_000_000),
  '{"query":',
];

async function attack(client: Client, until: number): Promise<number[]> {
  const statuses: number[] = [];
  for (let turn = 0; performance.now() < until; turn += 1) {
    try {
      statuses.push((await client.post(bodies[turn % bodies.length] ?? '')).status);
    } catch {
      // The server closed the connection: a correct response to a body beyond its limit.
      statuses.push(0);
    }
  }
  return statuses;
}

export const hostile = (): Promise<Finding[]> =>
  withWorld({}, async (world) => {
    const watched = await openStreams(world);
    const [attackers, client] = [createClient(world.url), createClient(world.url)];
    const until = performance.now() + 5000;
    const attacks = Promise.all(Array.from({ length: 8 }, () => attack(attackers, until)));
    const outcomes = await load(client, { clients: 1, seconds: 5 }, () => ({
      key: 'normal',
      query: list,
    }));
    const statuses = (await attacks).flat();
    await Promise.all([attackers.close(), client.close()]);
    const p95 = quantile(outcomes, 0.95);
    return [
      {
        promise: "hostile documents leave a normal client's p95 under 1 s",
        observed: `p95 ${p95.toFixed(0)} ms of ${codesOf(outcomes)}`,
        passed: p95 < 1000 && outcomes.every(({ code }) => code === null),
      },
      {
        promise: 'no hostile document causes a status 5xx',
        observed: `${statuses.length} sent`,
        passed: statuses.length > bodies.length && statuses.every((status) => status < 500),
      },
      ...(await watched.findings('5 s of hostile documents')),
    ];
  });
