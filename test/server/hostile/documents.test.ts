import { expect, test } from 'vitest';
import { start } from '#test/support/start.ts';
import { codeOf, expectSafe, expectStillServes, post } from '#test/support/hostile/hostile.ts';

const times = (count: number, part: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => part(index)).join(' ');
const aliases = (count: number, field: string) =>
  `{ ${times(count, (index) => `a${index}: ${field}`)} }`;
/** Each fragment spreads the next one twice: 2 to the power of `count` fields. */
const bomb = (count: number, leaf: string) =>
  times(count, (index) => {
    const next = `F${index + 1}`;
    return `fragment F${index} on InstanceConnection { ${index < count - 1 ? `...${next} ...${next}` : leaf} }`;
  });
const typesIn = (levels: number) =>
  `{ __schema { types ${'{ fields { type '.repeat(levels)} { name } ${'} }'.repeat(levels)} } }`;

const invalid = 'GRAPHQL_VALIDATION_FAILED';
const unreadable = 'GRAPHQL_PARSE_FAILED';
const over = (limit: string) => `LIMIT_EXCEEDED ${limit}`;

test.each([
  ['101 aliases', aliases(101, '__typename'), over('MAX_ALIASES')],
  ['101 aliased ids', aliases(101, 'instance(id: "x") { id }'), over('MAX_ALIASES')],
  ['101 nested aliases', `{ instances ${aliases(101, 'totalCount')} }`, over('MAX_ALIASES')],
  ['a field 500 times', `{ ${'__typename '.repeat(500)} }`, over('MAX_ALIASES')],
  [
    'a nested field 5000 times',
    `{ instances { ${'totalCount '.repeat(5000)} } }`,
    over('MAX_TOKENS'),
  ],
  ['51 directives', `{ __typename ${'@include(if: true) '.repeat(51)} }`, over('MAX_DIRECTIVES')],
  ['51 unknown directives', `{ __typename ${'@aa '.repeat(51)} }`, over('MAX_DIRECTIVES')],
  ['a directive twice', '{ __typename @skip(if: false) @skip(if: false) }', invalid],
  ['@defer', '{ ... @defer { instances { totalCount } } }', invalid],
  ['5001 tokens', `{ ${'x '.repeat(5000)} }`, over('MAX_TOKENS')],
  ['16 levels', `{ a ${'{ a '.repeat(15)} ${'} '.repeat(15)} }`, over('MAX_DEPTH')],
  ['2400 levels', `${'{ a '.repeat(2400)} ${'} '.repeat(2400)}`, over('MAX_DEPTH')],
  ['introspection of 3 levels of types', typesIn(3), invalid],
  ['introspection of 10 levels of types', typesIn(10), over('MAX_DEPTH')],
  [
    'fragments in a cycle',
    '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }',
    invalid,
  ],
  ['a fragment that spreads itself', '{ ...A } fragment A on Query { ...A }', invalid],
  [
    'a fragment bomb of aliases',
    `{ instances { ...F0 } } ${bomb(60, 'x: totalCount')}`,
    over('MAX_ALIASES'),
  ],
  [
    'a fragment for each field',
    `{ instances { ${times(500, (index) => `...F${index}`)} } } ${times(400, (index) => `fragment F${index} on InstanceConnection { totalCount }`)}`,
    invalid,
  ],
  ['500 nested lists', `{ nodes(ids: ${'['.repeat(500)}${']'.repeat(500)}) { id } }`, invalid],
  [
    'a type of 2000 nested lists',
    `query ($a: ${'['.repeat(2000)}ID${']'.repeat(2000)}) { __typename }`,
    invalid,
  ],
  ['an argument 1000 times', `{ instances(${'first: 1 '.repeat(1000)}) { totalCount } }`, invalid],
  ['a variable 1000 times', `query (${'$a: Int '.repeat(1000)}) { __typename }`, invalid],
  ['900 operations of one name', times(900, () => 'query A { __typename }'), 'BAD_REQUEST'],
  ['4000 unknown fields', `{ instances { ${times(4000, (index) => `f${index}`)} } }`, invalid],
  [
    'many conflicting fields',
    `{ instances { ${times(15, (index) => `nodes { ${times(6, (other) => `${other % 2 ? 'a' : 'b'}: ${['id', 'name', 'phone'][(index + other) % 3]}`)} }`)} } }`,
    invalid,
  ],
  ['a name of 100,000 letters', `{ ${'a'.repeat(100_000)} }`, invalid],
  [
    'a number beyond the range of Int',
    '{ instances(first: 99999999999999999999) { totalCount } }',
    invalid,
  ],
  ['a NUL', '{ __typename \u0000 }', unreadable],
  ['full-width letters', '{ ｉnstances { totalCount } }', unreadable],
  ['half of a surrogate pair', '{ instances(after: "\\ud800") { totalCount } }', unreadable],
  ['an unclosed string', '{ instances(after: "', unreadable],
  ['a type definition', 'type Query { secret: String } { __typename }', invalid],
  ['a subscription', 'subscription { __typename }', invalid],
  ['only a comment', '# nothing', unreadable],
])('a hostile document is rejected without a call: %s', async (_, query, code) => {
  const server = await start();
  const answer = await post(server.url, { body: { query } });
  expectSafe(answer);
  expect(codeOf(answer)).toBe(code);
  expect(server.calls()).toEqual([]);
  await expectStillServes(server);
});

test.each([
  ['a fragment bomb of one field', `{ instances { ...F0 } } ${bomb(60, 'totalCount')}`],
  ['a comment of 900,000 letters', `{ instances { totalCount } } # ${'x'.repeat(900_000)}`],
  ['900,000 spaces', `{ instances { totalCount } } ${' '.repeat(900_000)}`],
  ['100 times the same list', aliases(100, 'instances { totalCount }')],
])('a document that only looks hostile is executed at the usual cost: %s', async (_, query) => {
  const server = await start();
  const answer = await post(server.url, { body: { query } });
  expectSafe(answer);
  expect([answer.status, answer.body.errors]).toEqual([200, undefined]);
  expect(server.calls()).toHaveLength(1);
});

test('25 aliased ids, 1000 ids or 120 references are within the limits in an account of 1000', async () => {
  const server = await start({ instances: 1000 });
  const none = (count: number) => Array.from({ length: count }, (_, index) => `inst_none${index}`);
  const aliased = `{ ${times(25, (index) => `a${index}: instance(id: "inst_none${index}") { id }`)} }`;
  const nodes = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }';
  const entities = 'query ($of: [_Any!]!) { _entities(representations: $of) { __typename } }';
  const of = none(120).map((id) => ({ __typename: 'Instance', id }));
  for (const [query, variables] of [
    [aliased, {}],
    [nodes, { ids: none(1000) }],
    [entities, { of }],
  ] as const) {
    const { errors } = await server.query(query, variables, { 'cache-control': 'no-cache' });
    expect(errors).toBeUndefined();
  }
});
