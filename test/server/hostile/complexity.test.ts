import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { worstCalls } from '#src/graphql/complexity/worst-calls.ts';
import { worstFields } from '#src/graphql/complexity/worst-fields.ts';
import { createSubgraphSchema } from '#src/graphql/schema.ts';

const schema = createSubgraphSchema();
const worst = (text: string, variables = {}, instances = 1000) =>
  worstCalls({ schema, document: parse(text), variables }, { instances });
const calls = (text: string, variables = {}, instances = 1000) =>
  worst(text, variables, instances).calls;
const fields = (text: string, variables = {}) =>
  worstFields({ schema, document: parse(text), variables });

const ids = (count: number) => Array.from({ length: count }, (_, index) => `inst_${index}`);
const aliased = (count: number) =>
  `{ ${ids(count)
    .map((id) => `${id}: instance(id: "${id}") { name }`)
    .join(' ')} }`;
const byCursor = (count: number) =>
  `{ ${ids(count)
    .map((id) => `${id}: instances(after: "${id}") { totalCount }`)
    .join(' ')} }`;
const nodes = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }';
const entities = 'query ($of: [_Any!]!) { _entities(representations: $of) { __typename } }';

test('a list from its start costs one call, for any number of selections and rows', () => {
  expect(calls('{ instances { totalCount } }')).toBe(1);
  expect(
    calls('{ a: instances(first: 1) { totalCount } b: instances(first: 100) { totalCount } }'),
  ).toBe(1);
  expect(
    calls('{ a: instances(status: CONNECTED) { totalCount } b: instances { totalCount } }'),
  ).toBe(2);
});

test('the end of a list costs up to three calls, and a cursor also a search of six', () => {
  expect(worst('{ instances(last: 100) { totalCount } }')).toMatchObject({ lists: 3, searches: 0 });
  expect(worst(byCursor(1))).toMatchObject({ lists: 3, searches: 6 });
  expect(worst(byCursor(100))).toMatchObject({ lists: 300, searches: 6 });
  const two = '{ a: instances(after: "x") { totalCount } b: instances(after: "x") { totalCount } }';
  expect(calls(two)).toBe(9);
});

test('ids cost a call each, or a page for each 90 instances, whichever is less', () => {
  expect([1, 2, 9, 25, 100].map((count) => calls(aliased(count)))).toEqual([1, 3, 10, 11, 11]);
  expect(calls(nodes, { ids: ids(1000) })).toBe(11);
  expect(calls(nodes, { ids: ids(1000) }, 100)).toBe(1);
  expect(calls(nodes, { ids: ids(1000) }, 5000)).toBe(56);
  const of = ids(100).map((id) => ({ __typename: 'Instance', id }));
  expect(calls(entities, { of })).toBe(11);
  expect(calls(entities, { of: of.slice(0, 3) })).toBe(4);
});

test('equal ids cost one call, and invalid ids none', () => {
  expect(calls('{ a: instance(id: "x") { id } b: node(id: "x") { id } }')).toBe(1);
  expect(calls(nodes, { ids: ['', 'x'.repeat(129)] })).toBe(0);
  expect(calls(entities, { of: [null, 1, { id: 7 }, {}] })).toBe(0);
});

test('an id that no GET is sent for costs every page of the account', () => {
  expect(calls('{ instance(id: "a b") { id } }')).toBe(11);
  expect(calls('{ instance(id: "a b") { id } }', {}, 100)).toBe(1);
  expect(calls(nodes, { ids: ['a', 'a/b', '../x'] })).toBe(11);
  expect(calls(entities, { of: [{ __typename: 'Instance', id: 'a/b' }] }, 5000)).toBe(56);
});

test('skipped fields cost nothing, and variables and fragments are resolved', () => {
  const skipped = 'query ($no: Boolean = true) { instances @skip(if: $no) { totalCount } }';
  expect([calls(skipped), calls(skipped, { no: false })]).toEqual([0, 1]);
  const spread = '{ ...F ... on Query { ...F } } fragment F on Query { instance(id: "x") { id } }';
  expect(calls(spread)).toBe(1);
  expect(calls('query ($last: Int) { instances(last: $last) { totalCount } }')).toBe(1);
  expect(calls('query ($last: Int = 5) { instances(last: $last) { totalCount } }')).toBe(3);
  expect(calls('{ __typename _service { sdl } rateLimit { limit } }')).toBe(0);
});

test('fields with invalid arguments or variables cost nothing', () => {
  expect(calls('{ instances(first: 0) { totalCount } }')).toBe(0);
  expect(calls('{ instances(status: UNKNOWN) { totalCount } }')).toBe(0);
  expect(calls(nodes, { ids: 7.5 })).toBe(0);
  expect(calls(nodes)).toBe(0);
  expect(calls('query A { instances { totalCount } } query B { __typename }')).toBe(0);
});

test('the fields of a response count for each row', () => {
  expect(fields('{ instances(first: 10) { totalCount nodes { id name } } }')).toBe(22);
  expect(fields('{ instances(first: 10) { edges { cursor node { id } } } }')).toBe(31);
  expect(fields(nodes, { ids: ids(1000) })).toBe(1000);
  expect(fields('{ instances(first: 10) { a: nodes { id id } ... { b: nodes { id } } } }')).toBe(
    22,
  );
});
