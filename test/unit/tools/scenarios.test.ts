import { buildSchema, parse, validate } from 'graphql';
import { readFile } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { scenarios, type Turn } from '#tools/bench/scenarios.ts';
import { typeDefs } from '#tools/bench/servers/rivals/graph.ts';
import { startSandbox } from '#src/sandbox/sandbox.ts';
import { start } from '#test/support/start.ts';

const turnOf = (number: number): Turn => ({ number, worker: 0, step: number, last: null });
const own = buildSchema(await readFile('schema/schema.graphql', 'utf8'));
const rivals = buildSchema(typeDefs);

test.each(scenarios)('this server and its rivals understand what $name asks', (scenario) => {
  for (let number = 0; number < 20; number += 1) {
    const { query } = JSON.parse(scenario.operation(turnOf(number)).body);
    expect(validate(own, parse(query))).toEqual([]);
    expect(validate(rivals, parse(query))).toEqual([]);
  }
});

test.each(scenarios)('$name is answered in full, and half an answer is seen', async (scenario) => {
  const server = await start({ instances: scenario.rows });
  const { query, variables } = JSON.parse(scenario.operation(turnOf(0)).body);
  const { data } = await server.query(query, variables);
  expect(scenario.isWhole(data)).toBe(true);
  const [field = ''] = Object.keys(data);
  expect(scenario.isWhole({ ...data, [field]: null })).toBe(false);
  if (field !== 'instances') return;
  expect(scenario.isWhole({ instances: { nodes: data.instances.nodes.slice(1) } })).toBe(false);
});

test.each(scenarios)('the REST paths of $name are there', async (scenario) => {
  const sandbox = await startSandbox({ instances: scenario.rows, ratePerMinute: 1000 });
  onTestFinished(() => sandbox.close());
  const { path } = scenario.operation(turnOf(0));
  const paths = path.startsWith('/each?') ? path.slice('/each?'.length).split('&') : [path];
  for (const each of paths) {
    const headers = { authorization: 'Bearer test' };
    expect((await fetch(`${sandbox.url}${each}`, { headers })).status).toBe(200);
  }
});

test('every ten of the mixed operations are the same mix, and each key comes to ask all', () => {
  const mixed = scenarios.find(({ name }) => name === '20 keys mixed');
  const kindOf = (number: number) =>
    String(mixed?.operation(turnOf(number)).path)
      .replaceAll(/inst_\w+/g, 'id')
      .replace(/^\/each.*&.*/, 'many');
  const kindsFrom = (first: number) =>
    Array.from({ length: 10 }, (_, at) => kindOf(first + at)).toSorted();
  expect(kindsFrom(10)).toEqual(kindsFrom(0));
  expect(new Set(kindsFrom(0)).size).toBe(4);
  const askedByFirst = Array.from({ length: 400 }, (_, number) => number)
    .filter((number) => (mixed?.keyAt(turnOf(number)) ?? 0) % 20 === 0)
    .map(kindOf);
  expect(new Set(askedByFirst).size).toBe(4);
});
