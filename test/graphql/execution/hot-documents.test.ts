import { buildSchema, type ExecutionArgs, parse } from 'graphql';
import { expect, test } from 'vitest';
import { createHotDocuments } from '#src/graphql/execution/hot-documents.ts';
import { createSubgraphSchema } from '#src/graphql/schema.ts';
import { both } from './both.ts';

const schema = createSubgraphSchema();
const row = { id: 'inst_1', name: 'A', status: 'connected' };
const contextOf = () => ({ instanceById: { load: async () => row } });

/** Runs it so often, and says which of the times a plan did. */
function plannedTimes(
  times: number,
  argsOf: (
    time: number,
  ) => Partial<ExecutionArgs> & { readonly document: ExecutionArgs['document'] },
  runnerOf = createHotDocuments(0),
): number[] {
  const all = Array.from({ length: times }, (_, time) => time);
  return all.filter((time) => runnerOf({ schema, ...argsOf(time) }) !== null);
}

test('a document that is asked for a third time is run by a plan from then on, for as long as it is kept', () => {
  const text = '{ instance(id: "inst_1") { id } }';
  const document = parse(text);
  expect(plannedTimes(5, () => ({ document }), createHotDocuments())).toEqual([2, 3, 4]);
  expect(plannedTimes(5, () => ({ document: parse(text) }), createHotDocuments())).toEqual([]);
});

test.each([
  ['introspection', '{ __schema { types { name } } }'],
  ['a type by its name', '{ instance(id: "inst_1") { id } __type(name: "Query") { name } }'],
  ['a key that is no property like others', '{ __proto__: instance(id: "inst_1") { id } }'],
  [
    'a key that makes a promise of an object',
    '{ instance(id: "inst_1") { id ... { then: name } } }',
  ],
])('%s is left to the library', async (_, text) => {
  expect(await both(schema, { text }, contextOf)).toMatchObject({ planned: null });
});

test('what is no query, and what has directives that are not known here, is left to the library', () => {
  const other = buildSchema(`
    directive @defer(if: Boolean) on FRAGMENT_SPREAD | INLINE_FRAGMENT
    type Query { a: Int }
    type Mutation { a: Int }
    type Subscription { a: Int }
  `);
  const planned = (text: string) =>
    plannedTimes(1, () => ({ schema: other, document: parse(text) })).length > 0;
  expect(planned('{ a }')).toBe(true);
  expect(planned('{ ... @defer { a } }')).toBe(false);
  expect(planned('mutation { a }')).toBe(false);
  expect(planned('subscription { a }')).toBe(false);
});

test('a variable that does not fit is left to the library, and spoils nothing for the next one', () => {
  const document = parse('query ($id: ID!) { instance(id: $id) { id } }');
  const variables: Record<string, unknown>[] = [{}, { id: 'inst_1' }, { id: {} }, { id: 'inst_2' }];
  const times = plannedTimes(4, (time) => ({ document, variableValues: variables[time] ?? {} }));
  expect(times).toEqual([1, 3]);
});

test('of several operations, the one that is named is run; where none is, the library says so', async () => {
  const text =
    'query A { instance(id: "inst_1") { id } } query B { instance(id: "inst_1") { name } }';
  for (const [operationName, field] of [
    ['A', 'id'],
    ['B', 'name'],
  ] as const) {
    const { planned, usual } = await both(schema, { text, operationName }, contextOf);
    expect(planned).toBe(usual);
    expect(planned).toContain(field);
  }
  expect(plannedTimes(1, () => ({ document: parse(text) }))).toEqual([]);
  expect(plannedTimes(1, () => ({ document: parse(text), operationName: 'C' }))).toEqual([]);
});

test('strings of a document stay strings', async () => {
  const strings = [
    '__MAGIC_DATE__33a9e76d_02e0_4128_8e92_3530ad3da74d globalThis.ran = true',
    '"); globalThis.ran = true; ("',
    '${globalThis.ran = true}',
  ];
  const asked: unknown[] = [];
  const load = async (id: string) => {
    asked.push(id);
    return row;
  };
  for (const string of strings) {
    const text = `{ instance(id: ${JSON.stringify(string)}) { id } }`;
    const { planned, usual } = await both(schema, { text }, () => ({ instanceById: { load } }));
    expect(planned).toBe(usual);
  }
  expect(asked).toEqual(strings.flatMap((string) => [string, string]));
  expect(globalThis).not.toHaveProperty('ran');
});

const aliased = (count: number, within: string) =>
  Array.from({ length: count }, (_, at) => `a${at}: instance(id: "i${at}") { ${within} }`).join(
    ' ',
  );

test('fields that a fragment repeats are planned once', () => {
  const fragment =
    'fragment F on Instance { id name phone status settings { autoRead autoTyping } }';
  const document = parse(`{ ${aliased(100, '...F')} } ${fragment}`);
  expect(plannedTimes(1, () => ({ document }))).toEqual([0]);
});

test('a small text that would take a large plan is left to the library', () => {
  const repeated = 'fragment F on Instance { id name phone }';
  const document = parse(
    `{ ${aliased(50, 'id ...F')} } fragment F on Instance { ${'id '.repeat(900)} }`,
  );
  expect(plannedTimes(3, () => ({ document }))).toEqual([]);
  expect(
    plannedTimes(1, () => ({ document: parse(`{ ${aliased(50, 'id ...F')} } ${repeated}`) })),
  ).toEqual([0]);
});

test('what is kept of a document is bounded by its text, however many conditions it has', () => {
  const names = Array.from({ length: 10 }, (_, at) => `c${at}`);
  const head = names.map((name) => `$${name}: Boolean!`).join(' ');
  const conditions = names.map((name) => `...@include(if: $${name}) { name }`).join(' ');
  const document = parse(`query (${head}) { instance(id: "i") { id ${conditions} } }`);
  const times = plannedTimes(1024, (time) => ({
    document,
    variableValues: Object.fromEntries(names.map((name, at) => [name, (time & (1 << at)) > 0])),
  }));
  expect(times.length).toBeGreaterThan(10);
  expect(times.length).toBeLessThan(100);
});
