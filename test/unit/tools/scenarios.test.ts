import { buildSchema, parse, validate } from 'graphql';
import { readFile } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { renaming, scenarios, type Turn } from '#tools/bench/scenarios.ts';
import { typeDefs } from '#tools/bench/servers/baselines/graph.ts';
import { startSandbox } from '#src/sandbox/sandbox.ts';
import { start } from '#test/support/start.ts';

const turnOf = (number: number): Turn => ({ number, worker: 0, step: number, last: null });
const ours = buildSchema(await readFile('schema/schema.graphql', 'utf8'));
const baselines = buildSchema(typeDefs);

test.each(scenarios)(
  'the documents of $name are valid for this server and for the baselines',
  (scenario) => {
    for (let number = 0; number < 20; number += 1) {
      const { query } = JSON.parse(scenario.operation(turnOf(number)).body);
      expect(validate(ours, parse(query))).toEqual([]);
      expect(validate(baselines, parse(query))).toEqual([]);
    }
  },
);

test.each(scenarios)(
  'a complete response to $name is accepted, one that lacks a row is not',
  async (scenario) => {
    const server = await start({ instances: scenario.rows });
    const { query, variables } = JSON.parse(scenario.operation(turnOf(0)).body);
    const { data } = await server.query(query, variables);
    expect(scenario.isComplete(data)).toBe(true);
    const [field = ''] = Object.keys(data);
    expect(scenario.isComplete({ ...data, [field]: null })).toBe(false);
    if (field !== 'instances') return;
    for (const rows of ['nodes', 'edges']) {
      const some = data.instances[rows]?.slice(1);
      if (some) expect(scenario.isComplete({ instances: { [rows]: some } })).toBe(false);
    }
  },
);

test.each(scenarios)('the REST API has the paths of $name', async (scenario) => {
  const sandbox = await startSandbox({ instances: scenario.rows, ratePerMinute: 1000 });
  onTestFinished(() => sandbox.close());
  const { path } = scenario.operation(turnOf(0));
  const paths = path.startsWith('/each?') ? path.slice('/each?'.length).split('&') : [path];
  for (const each of paths) {
    const headers = { authorization: 'Bearer test' };
    expect((await fetch(`${sandbox.url}${each}`, { headers })).status).toBe(200);
  }
});

test('a rename changes the row, by the graph and by the path of the REST API', async () => {
  const server = await start({ instances: renaming.rows });
  const { body, path, patch } = renaming.operation(turnOf(7));
  const { query, variables } = JSON.parse(body);
  const { data } = await server.query(query, variables);
  expect(renaming.isComplete(data)).toBe(true);
  expect(renaming.isComplete({ updateInstance: null })).toBe(false);
  expect(renaming.isComplete({ updateInstance: { instance: null } })).toBe(false);
  expect(data.updateInstance.instance).toMatchObject({ id: variables.id, name: 'Line 7' });

  const headers = { authorization: 'Bearer other', 'content-type': 'application/json' };
  const request = { method: 'PATCH', headers, body: patch ?? '' };
  const response = await fetch(`${server.sandbox.url}${path}`, request);
  expect(await response.json()).toMatchObject({ data: { id: variables.id, name: 'Line 7' } });
});

test('any ten mixed operations are the same mix, and each key sends every kind', () => {
  const mixed = scenarios.find(({ name }) => name === '20 keys mixed');
  const kindOf = (number: number) =>
    String(mixed?.operation(turnOf(number)).path)
      .replaceAll(/inst_\w+/g, 'id')
      .replace(/^\/each.*&.*/, 'many');
  const kindsFrom = (first: number) =>
    Array.from({ length: 10 }, (_, at) => kindOf(first + at)).toSorted();
  expect(kindsFrom(10)).toEqual(kindsFrom(0));
  expect(new Set(kindsFrom(0)).size).toBe(4);
  const kindsOfFirstKey = Array.from({ length: 400 }, (_, number) => number)
    .filter((number) => (mixed?.keyAt(turnOf(number)) ?? 0) % 20 === 0)
    .map(kindOf);
  expect(new Set(kindsOfFirstKey).size).toBe(4);
});
