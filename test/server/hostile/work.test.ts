import { parse } from 'graphql';
import { beforeAll, expect, test } from 'vitest';
import { cpuMsOf } from '#test/support/hostile/cpu-time.ts';
import { expectSafe, expectStillServes, post, sendRaw } from '#test/support/hostile/hostile.ts';
import { start, type Started } from '#test/support/start.ts';

const bodyBytes = 1_040_000;

/** JSON of about 1 MB: a list of this item. */
const listOf = (item: string, bytes = bodyBytes): string =>
  `[${Array.from({ length: Math.floor(bytes / (item.length + 1)) - 100 }, () => item).join(',')}]`;

const numbered = (count: number, textOf: (index: number) => string, separator = ' '): string =>
  Array.from({ length: count }, (_, index) => textOf(index)).join(separator);

const nested = (levels: number, open: string, close: string, inner = ''): string =>
  open.repeat(levels) + inner + close.repeat(levels);

/** Several times, because some kernels count CPU time in steps of 4 ms. */
const times = (count: number, work: () => unknown): void => {
  for (let run = 0; run < count; run += 1) work();
};

/**
 * What this machine needs for ordinary work, in CPU milliseconds: to read 1 MB of JSON (some 15 ms),
 * and to parse a document of 4900 tokens (some 0.5 ms). The limits are multiples of these.
 */
let jsonMs = 0;
let parseMs = 0;
beforeAll(async () => {
  const json = listOf('[]');
  jsonMs = (await cpuMsOf(async () => times(5, () => JSON.parse(json)))) / 5;
  const document = `{ ${'a { b } '.repeat(1200)} }`;
  parseMs = (await cpuMsOf(async () => times(40, () => parse(document)))) / 40;
});

/** The CPU time of a request without a key, after its response was checked. */
async function workOf(server: Started, bodyOf: (run: number) => string): Promise<number> {
  const ms = await cpuMsOf(async (run) => {
    expectSafe(await post(server.url, { body: bodyOf(run), headers: { authorization: '' } }));
  });
  return ms;
}

const values: readonly (readonly [string, () => string])[] = [
  ['a list of empty lists', () => listOf('[]')],
  ['a list of lists in lists', () => listOf('[[]]')],
  ['a list of empty objects', () => listOf('{}')],
  ['a list of nulls', () => listOf('null')],
  ['a list of fractions', () => listOf('1.5')],
  ['a list of Booleans', () => listOf('true')],
  ['a list of empty texts', () => listOf('""')],
  ['a list of equal ids', () => listOf('"a"')],
  ['a list of different ids', () => `[${numbered(90_000, (index) => `"i${index}"`, ',')}]`],
  ['a list of references', () => listOf('{"__typename":"Instance","id":"a"}')],
  ['a list of references of no type', () => listOf('{"__typename":"X"}')],
  ['an object with many fields', () => `{${numbered(90_000, (index) => `"k${index}":1`, ',')}}`],
  ['a deep list', () => nested(bodyBytes / 2 - 100, '[', ']')],
  ['a deep object', () => nested(150_000, '{"a":', '}', '1')],
  ['lists of the maximum length', () => `[${numbered(20, () => listOf('[]', 3000), ',')}]`],
  ['a long text', () => `"${'x'.repeat(bodyBytes - 200)}"`],
  ['a long number', () => `1${'0'.repeat(bodyBytes - 200)}`],
  ['a list of numbers that overflow', () => listOf('1e400')],
];

const operations: readonly (readonly [string, string])[] = [
  ['nodes', 'query ($x: [ID!]!) { nodes(ids: $x) { id } }'],
  ['node', 'query ($x: ID!) { node(id: $x) { id } }'],
  ['instance', 'query ($x: ID!) { instance(id: $x) { id } }'],
  ['instances(first:)', 'query ($x: Int) { instances(first: $x) { totalCount } }'],
  ['instances(last:)', 'query ($x: Int) { instances(last: $x) { totalCount } }'],
  ['instances(after:)', 'query ($x: String) { instances(after: $x) { totalCount } }'],
  ['instances(before:)', 'query ($x: String) { instances(last: 1, before: $x) { totalCount } }'],
  [
    'instances(status:)',
    'query ($x: InstanceStatusFilter) { instances(status: $x) { totalCount } }',
  ],
  ['_entities', 'query ($x: [_Any!]!) { _entities(representations: $x) { __typename } }'],
  [
    'many fields with one list',
    `query ($x: [ID!]!) { ${numbered(90, (index) => `a${index}: nodes(ids: $x) { id }`)} }`,
  ],
  ['an operation without reads', 'query ($x: Boolean!) { __typename @skip(if: $x) }'],
  ['a variable that the operation does not have', '{ instances { totalCount } }'],
];

test.each(operations)(
  'variables of 1 MB that do not fit cost little more than to read them: %s',
  async (_, query) => {
    const server = await start();
    const costs = new Map<string, number>();
    for (const [name, valueOf] of values) {
      const body = `{"query":${JSON.stringify(query)},"variables":{"x":${valueOf()}}}`;
      costs.set(name, await workOf(server, () => body));
    }
    await expectStillServes(server);
    const expensive = [...costs].filter(([, ms]) => ms > 10 * jsonMs);
    expect(expensive).toEqual([]);
    expect(server.calls('')).toEqual([]);
  },
  120_000,
);

const lines = '\n'.repeat(500_000);
const manyFragments = numbered(450, (index) => `fragment F${index} on Instance { id }`);
const documents: readonly (readonly [string, string])[] = [
  ['a repeated field', `{ instances { nodes { ${'id '.repeat(4900)} } } }`],
  ['a repeated selection', `{ instances { ${'nodes { id name status } '.repeat(800)} } }`],
  [
    'a repeated path',
    `{ instances { ${'edges { node { settings { autoRead } } } '.repeat(450)} } }`,
  ],
  [
    'repeated inline fragments',
    `{ instances { nodes { ${'... on Instance { id } '.repeat(700)} } } }`,
  ],
  ['nested inline fragments', `{ ${nested(1600, '... { ', '} ', '__typename ')} }`],
  [
    'a repeated spread',
    `{ instances { nodes { ${'...F '.repeat(2400)} } } } fragment F on Instance { id }`,
  ],
  [
    'many fragments',
    `{ instances { nodes { ${numbered(450, (index) => `...F${index}`)} } } } ${manyFragments}`,
  ],
  [
    'a chain of fragments',
    `{ instances { nodes { ...F0 } } } ${numbered(500, (index) => `fragment F${index} on Instance { id ...F${index + 1} }`)} fragment F500 on Instance { id }`,
  ],
  [
    'fragments that spread each other',
    `{ instances { nodes { ...F0 } } } ${numbered(48, (index) => `fragment F${index} on Instance { ${numbered(48, (other) => `...F${other}`)} id }`)}`,
  ],
  [
    'a tree of fragments',
    `{ __schema { types { ...F0 } } } ${numbered(12, (index) => `fragment F${index} on __Type { ${`ofType { ...F${index + 1} } interfaces { ...F${index + 1} } `.repeat(9)} }`)} fragment F12 on __Type { name }`,
  ],
  ['unknown fragments', `{ ${numbered(2400, (index) => `...F${index}`)} }`],
  ['unknown fields', `{ instances { nodes { ${numbered(4800, (index) => `f${index}`)} } } }`],
  ['unknown types', `${numbered(700, (index) => `fragment F${index} on T${index} { id }`)} { x }`],
  ['a repeated argument', `{ instance(${'id: 1 '.repeat(1200)}) { id } }`],
  ['many arguments', `{ instance(${numbered(1200, (index) => `a${index}: 1`)}) { id } }`],
  ['a long list', `{ nodes(ids: [${'1 '.repeat(4900)}]) { id } }`],
  ['a large object', `{ nodes(ids: {${numbered(1200, (index) => `a${index}: 1`)}}) { id } }`],
  ['a deep list', `{ nodes(ids: ${nested(1500, '[', ']')}) { id } }`],
  ['many variables', `query (${numbered(1000, (index) => `$v${index}: ID`)}) { __typename }`],
  ['a repeated variable', `query (${'$v: ID '.repeat(1200)}) { __typename }`],
  ['a deep type', `query ($v: ${nested(2400, '[', ']', 'ID')}) { nodes(ids: $v) { id } }`],
  ['many operations', numbered(900, (index) => `query Q${index} { __typename }`)],
  ['many operations without a name', '{ __typename } '.repeat(1200)],
  ['many directives', `{ __typename ${'@skip(if: true) '.repeat(700)} }`],
  [
    'introspection with many aliases',
    `{ __schema { ${numbered(30, (index) => `a${index}: types { ...T }`)} } } fragment T on __Type { ${numbered(30, (index) => `b${index}: fields { ...F }`)} } fragment F on __Field { ${numbered(30, (index) => `c${index}: args { name }`)} }`,
  ],
  [
    'deep introspection',
    `{ __schema { types { ${nested(6, 'fields { type { ', '} } ', 'name ')} } } }`,
  ],
  ['a syntax error at the end', `{ ${'a '.repeat(4800)} !`],
];

test.each(documents)(
  'a document of 5000 tokens is refused or run in the time of some parsing: %s',
  async (_, query) => {
    const server = await start();
    // A comment, so that no run finds the document in the cache.
    const bodyOf = (run: number) => JSON.stringify({ query: `${query} #${run}` });
    expect(await workOf(server, bodyOf)).toBeLessThan(150 * parseMs);
  },
);

test.each<[string, string]>([
  ['unknown fields', `{ instances { nodes { ${numbered(40, (index) => `f${index}`)} } } }`],
  [
    'fields that fail',
    `{ ${numbered(90, (index) => `a${index}: instances(first: 999) { totalCount }`)} }`,
  ],
  ['fields that need a key', `{ ${numbered(90, (index) => `a${index}: instance(id: 1) { id }`)} }`],
  ['a repeated argument', `{ instance(${'id: 1 '.repeat(1200)}) { id } }`],
  ['a repeated fragment', '{ x } fragment F on Query { x } '.repeat(300)],
  ['a syntax error', '{ !'],
])('1 MB of blank lines before %s costs little more than to read it', async (_, query) => {
  const server = await start();
  for (const blank of [lines, lines.replaceAll('\n', ' '), `#${lines.replaceAll('\n', 'x')}\n`]) {
    const bodyOf = (run: number) => JSON.stringify({ query: `${blank} ${query} #${run}` });
    expect(await workOf(server, bodyOf)).toBeLessThan(10 * jsonMs);
  }
});

test.each<[string, string]>([
  ['lists nested half a million levels', nested(520_000, '[', ']')],
  ['objects nested 170,000 levels', nested(170_000, '{"a":', '}', '1')],
  ['many parameters', `{${numbered(90_000, (index) => `"k${index}":1`, ',')}}`],
  ['deep extensions', `{"query":"{__typename}","extensions":{"a":${nested(500_000, '[', ']')}}}`],
  ['a long operation name', `{"query":"{__typename}","operationName":"${'x'.repeat(1_000_000)}"}`],
  ['a long text', `{"query":"{instance(id:\\"${'x'.repeat(1_000_000)}\\"){id}}"}`],
  [
    'a long block string',
    `{"query":"{instance(id:\\"\\"\\"${'\\n'.repeat(500_000)}\\"\\"\\"){id}}"}`,
  ],
  ['a long name', `{"query":"{${'x'.repeat(1_000_000)}}"}`],
  ['escapes', `{"query":"${'\\u0020'.repeat(170_000)}{__typename}"}`],
])('a body with %s costs little more than to read 1 MB of JSON', async (_, body) => {
  const server = await start();
  expect(await workOf(server, () => body)).toBeLessThan(10 * jsonMs);
});

const long = 15_000;
test.each<[string, string]>([
  ['accept', ', ,'.repeat(long / 3)],
  ['accept', 'a/b;q='.repeat(long / 6)],
  ['accept', `text/html${' ;'.repeat(long / 2)}`],
  ['accept-encoding', `gzip;q=0${' '.repeat(long)}x`],
  ['accept-encoding', `; ${' '.repeat(long)}x`],
  ['accept-encoding', `;${' '.repeat(long)}q=0.${'0'.repeat(20)}x`],
  ['accept-encoding', `; q=0.${'0'.repeat(long)}x`],
  ['cache-control', ' ,'.repeat(long / 2)],
  ['cache-control', 'no-cache'.repeat(long / 8)],
  ['authorization', `bearer${' '.repeat(long)}a b`],
  ['content-type', `application/json;${' ;'.repeat(long / 2)}`],
  ['content-type', `application/json; charset=${'"'.repeat(long)}`],
  ['host', `${'a.'.repeat(long / 2)}:`],
  ['host', `[${':'.repeat(long)}]`],
  ['origin', `http://${'a.'.repeat(long / 2)}localhost`],
  ['origin', `http://${'%41'.repeat(long / 3)}`],
  ['x-forwarded-for', '1.'.repeat(long / 2)],
  ['x-forwarded-for', `${'['.repeat(long / 2)},${'1'.repeat(long / 2)}`],
  ['x-request-id', 'x'.repeat(long)],
  ['if-none-match', '"x",'.repeat(long / 4)],
])('no header of 15 KB costs more than a small document: %s %#', async (name, value) => {
  const env = { AUTH: 'none', ENVIAAI_API_KEY: 'server', TRUST_PROXY: '100' };
  const server = await start({ env });
  const request = (path: string) =>
    `GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n${name}: ${value}\r\n\r\n`;
  const ms = await cpuMsOf(() => sendRaw(server.url, request('/graphql?query={__typename}')));
  expect(ms).toBeLessThan(60 * parseMs);
});

test.each<[string, string]>([
  ['many parameters', 'a&'.repeat(long / 2)],
  ['escapes', `query=${'%7B'.repeat(long / 3)}`],
  ['spaces', `query=${'+'.repeat(long)}{__typename}`],
  ['invalid escapes', `query={__typename}&${'%'.repeat(long)}`],
  ['deep variables', `query={__typename}&variables=${'['.repeat(long)}`],
  ['question marks', '?'.repeat(long)],
])('no URL of 15 KB costs more than a small document: %s', async (_, query) => {
  const server = await start();
  const request = `GET /graphql?${query} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`;
  expect(await cpuMsOf(() => sendRaw(server.url, request))).toBeLessThan(60 * parseMs);
});
