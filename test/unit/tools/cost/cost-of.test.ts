import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { costOf } from '#tools/cost/cost.ts';

const fileOf = (name: string) => ({ name, text: readFileSync(name, 'utf8') });
const ids = 'query Ids($ids: [ID!]!) { nodes(ids: $ids) { id } }';

test('each operation has its name, its document, and the worst-case calls of one run', () => {
  const list = fileOf('schema/operations/instance-list.graphql');
  expect(costOf([list, '{ instance(id: "x") { id } }'])).toEqual({
    operations: [
      { operation: 'InstanceList', document: list.name, calls: 9 },
      { operation: null, document: 'document 2', calls: 1 },
    ],
    problems: [],
  });
});

test('the cost depends on the size of the account and the length of lists of ids', () => {
  const callsFor = (account: Parameters<typeof costOf>[1]) =>
    costOf([ids], account).operations.map(({ calls }) => calls);
  expect(callsFor({})).toEqual([11]);
  expect(callsFor({ instances: 100 })).toEqual([1]);
  expect(callsFor({ instances: 5000 })).toEqual([56]);
  expect(callsFor({ instances: 5000, ids: 20 })).toEqual([21]);
});

test.each([0, -1, 1.5, Number.NaN, 10_000_000])(
  '%s is refused as a number of instances or ids',
  (instances) => {
    expect(() => costOf([ids], { instances })).toThrow(/^instances must be a whole number/);
    expect(() => costOf([ids], { ids: instances })).toThrow(/^ids must be a whole number/);
  },
);

test('a fragment is taken from the same document first, else from another, also indirectly', () => {
  const dear = 'fragment F on Query { instances(last: 5) { totalCount } }';
  const cheap = 'fragment F on Query { instances { totalCount } }';
  const { operations, problems } = costOf([
    dear,
    `query Own { ...F } ${cheap}`,
    'query Others { ...G }',
    'fragment G on Query { ...H }',
    'fragment H on Query { instance(id: "x") { id } }',
  ]);
  expect(problems).toEqual([]);
  expect(operations.map(({ operation, calls }) => [operation, calls])).toEqual([
    ['Own', 1],
    ['Others', 1],
  ]);
});

test('a problem is reported once with its place, and all other operations have a cost', () => {
  const fragment = { name: 'row.graphql', text: 'fragment Row on Instance {\n  id\n  nmae\n}' };
  const { operations, problems } = costOf([
    fragment,
    'query A { instances { nodes { ...Row } } }',
    'query B { instance(id: "x") { ...Row } }',
    { name: 'half.graphql', text: 'query C {' },
    'query D { instances { totalCount } }',
  ]);
  expect(operations.map(({ operation }) => operation)).toEqual(['D']);
  expect(problems).toEqual([
    {
      document: 'half.graphql',
      message: 'Syntax Error: Expected Name, found <EOF>.',
      line: 1,
      column: 10,
    },
    {
      document: 'row.graphql',
      message: expect.stringContaining('Cannot query field "nmae" on type "Instance".'),
      line: 3,
      column: 3,
    },
  ]);
});

const conditions = Array.from({ length: 15 }, (_, at) => at);

test.each([
  ['an unknown fragment', 'query { ...Nowhere }', 'Unknown fragment "Nowhere"'],
  [
    'a fragment that two other documents define',
    'query { ...Twice }',
    'only one fragment named "Twice"',
  ],
  [
    'two operations of a document with the same name',
    'query A { __typename } query A { __typename }',
    'only one operation named "A"',
  ],
  [
    'an operation without a name beside another',
    'query A { __typename } { __typename }',
    'anonymous operation must be the only',
  ],
  [
    'too many conditions',
    `query Many(${conditions.map((at) => `$x${at}: Boolean!`).join()}) {
      ${conditions.map((at) => `a${at}: __typename @skip(if: $x${at})`).join(' ')} }`,
    'too many combinations',
  ],
])('%s is a problem, and has no cost', (_, text, problem) => {
  const twice = 'fragment Twice on Query { __typename }';
  const { operations, problems } = costOf([text, twice, twice]);
  expect(operations).toEqual([]);
  expect(problems).toEqual([
    expect.objectContaining({ message: expect.stringContaining(problem) }),
  ]);
});

test('no documents have no cost and no problems', () => {
  expect(costOf([])).toEqual({ operations: [], problems: [] });
});
