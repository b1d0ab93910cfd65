import { expect, test } from 'vitest';
import { start } from '#test/support/start.ts';
import { codeOf, expectSafe, expectStillServes, post } from '#test/support/hostile/hostile.ts';

const ids = (count: number) => Array.from({ length: count }, (_, index) => `inst_${index}`);
const nodes = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }';
const cursors = (count: number) =>
  `{ ${ids(count)
    .map((id) => `${id}: instances(after: "${id}") { totalCount }`)
    .join(' ')} }`;

/** For each variable: its value in this test, a request at the limit, and one above it. */
const limits = [
  [
    'MAX_BODY_BYTES',
    '100',
    { query: '{ __typename }' },
    { query: `{ __typename ${' '.repeat(90)}}` },
  ],
  [
    'MAX_TOKENS',
    '8',
    { query: '{ a: __typename b: __typename }' },
    { query: '{ a: __typename b: __typename c: __typename }' },
  ],
  [
    'MAX_DEPTH',
    '2',
    { query: '{ instances { totalCount } }' },
    { query: '{ instances { nodes { id } } }' },
  ],
  [
    'MAX_ALIASES',
    '2',
    { query: '{ __typename a: __typename }' },
    { query: '{ __typename a: __typename b: __typename }' },
  ],
  [
    'MAX_DIRECTIVES',
    '1',
    { query: '{ __typename @skip(if: false) }' },
    { query: '{ __typename @skip(if: false) ... @skip(if: true) { a: __typename } }' },
  ],
  [
    'MAX_IDS',
    '2',
    { query: nodes, variables: { ids: ids(2) } },
    { query: nodes, variables: { ids: ids(3) } },
  ],
  [
    'MAX_WRITES',
    '1',
    { query: 'mutation { disconnectInstance(id: "inst_ghi789") { userErrors { code } } }' },
    {
      query: `mutation { disconnectInstance(id: "a") { userErrors { code } } ...More }
        fragment More on Mutation { b: connectInstance(id: "b") { userErrors { code } } }`,
    },
  ],
  [
    'MAX_FIELDS',
    '21',
    { query: '{ instances(first: 20) { nodes { id } } }' },
    { query: '{ instances(first: 21) { nodes { id } } }' },
  ],
  [
    'MAX_UPSTREAM_CALLS',
    '3',
    { query: nodes, variables: { ids: ids(2) } },
    { query: nodes, variables: { ids: ids(3) } },
  ],
] as const;

test.each(limits)(
  'a request at the limit of %s is served, and one above it gets an error with its name',
  async (limit, value, atLimit, aboveLimit) => {
    const server = await start({ env: { [limit]: value } });
    const served = await post(server.url, { body: atLimit });
    expect([served.status, served.body.errors]).toEqual([200, undefined]);

    const calls = server.calls().length;
    const rejected = await post(server.url, { body: aboveLimit });
    expectSafe(rejected);
    expect(codeOf(rejected)).toBe(`LIMIT_EXCEEDED ${limit}`);
    expect(server.calls()).toHaveLength(calls);
  },
);

test('ASSUMED_INSTANCES is the account size of the worst case', async () => {
  const large = await start({ env: { ASSUMED_INSTANCES: '10000' } });
  expect(
    codeOf(await post(large.url, { body: { query: nodes, variables: { ids: ids(24) } } })),
  ).toBe('');
  const many = { query: nodes, variables: { ids: ids(25) } };
  expect(codeOf(await post(large.url, { body: many }))).toBe('LIMIT_EXCEEDED MAX_UPSTREAM_CALLS');
  const standard = await start();
  expect(codeOf(await post(standard.url, { body: many }))).toBe('');
});

test('a hundred cursors in one operation exceed the limit of upstream calls', async () => {
  const server = await start();
  const answer = await post(server.url, { body: { query: cursors(100) } });
  expect(answer.status).toBe(400);
  expect(codeOf(answer)).toBe('LIMIT_EXCEEDED MAX_UPSTREAM_CALLS');
  // Six are within the limit; here, they fail because they are not valid cursors.
  expect(codeOf(await post(server.url, { body: { query: cursors(6) } }))).toBe('BAD_USER_INPUT');
  expect(server.calls()).toEqual([]);
});

test('a small request cannot cause a response of a hundred thousand rows', async () => {
  const server = await start();
  const all = '{ id name phone status profileName createdAt settings { autoRead autoTyping } }';
  const lists = ids(100).map((id) => `${id}: instances(first: 100) { nodes ${all} }`);
  const within = ids(100).map((id) => `${id}: nodes ${all}`);
  const often = ids(100).map((id) => `${id}: nodes(ids: $ids) { id }`);
  for (const body of [
    { query: `{ ${lists.join(' ')} }` },
    { query: `{ instances(first: 100) { ${within.slice(1).join(' ')} } }` },
    { query: `query ($ids: [ID!]!) { ${often.join(' ')} }`, variables: { ids: ids(1000) } },
  ]) {
    const answer = await post(server.url, { body });
    expectSafe(answer);
    expect(codeOf(answer)).toBe('LIMIT_EXCEEDED MAX_FIELDS');
  }
  expect(server.calls()).toEqual([]);
  await expectStillServes(server);
});

test('a batch of operations is rejected', async () => {
  const server = await start();
  for (const count of [0, 1, 10]) {
    const body = Array.from({ length: count }, () => ({ query: '{ instances { totalCount } }' }));
    const answer = await post(server.url, { body });
    expect([answer.status, codeOf(answer)]).toEqual([400, 'BAD_REQUEST']);
  }
  expect(server.calls()).toEqual([]);
});
