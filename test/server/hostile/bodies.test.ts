import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { start } from '#test/support/start.ts';
import { codeOf, expectSafe, expectStillServes, post } from '#test/support/hostile/hostile.ts';

const query = '{ __typename }';
const nested = (open: string, close: string, levels: number) =>
  open.repeat(levels) + close.repeat(levels);
const withVariables = (json: string) => `{"query":"${query}","variables":${json}}`;
const withFirst = (json: string) =>
  `{"query":"query ($n: Int) { instances(first: $n) { totalCount } }","variables":{"n":${json}}}`;
const withIds = (json: string) =>
  `{"query":"query ($ids: [ID!]!) { nodes(ids: $ids) { id } }","variables":{"ids":${json}}}`;

test.each<[string, string | Buffer, string]>([
  ['nothing', '', 'BAD_REQUEST'],
  ['a number', '7', 'BAD_REQUEST'],
  ['a string', `"${query}"`, 'BAD_REQUEST'],
  ['null', 'null', 'BAD_REQUEST'],
  ['half a body', `{"query":"${query}`, 'BAD_REQUEST'],
  ['two bodies', `{"query":"${query}"}{"query":"${query}"}`, 'BAD_REQUEST'],
  ['a query that is a list', `{"query":["${query}"]}`, 'BAD_REQUEST'],
  ['a query that is an object', '{"query":{"toString":"x"}}', 'BAD_REQUEST'],
  ['variables as a list', withVariables('[1]'), 'BAD_REQUEST'],
  ['variables as text', withVariables('"{}"'), 'BAD_REQUEST'],
  ['invalid UTF-8', Buffer.from(`{"query":"{ \xff\xfe }"}`, 'latin1'), 'BAD_REQUEST'],
  ['UTF-16', Buffer.from(`{"query":"${query}"}`, 'utf16le'), 'BAD_REQUEST'],
  ['gzip without Content-Encoding', gzipSync(`{"query":"${query}"}`), 'BAD_REQUEST'],
  ['a million bytes of zeros', Buffer.alloc(1_000_000), 'BAD_REQUEST'],
  ['400,000 nested lists', nested('[', ']', 400_000), 'BAD_REQUEST'],
  ['400,000 unclosed lists', '['.repeat(400_000), 'BAD_REQUEST'],
  ['a prototype', `{"__proto__":{"query":"${query}"}}`, 'BAD_REQUEST'],
  [
    'an operation name of a million letters',
    JSON.stringify({ query, operationName: 'A'.repeat(1_000_000) }),
    'BAD_REQUEST',
  ],
  ['an object as operation name', `{"query":"${query}","operationName":{}}`, 'BAD_REQUEST'],
  ['a number beyond the range of doubles', withFirst('1e999'), 'BAD_USER_INPUT'],
  ['a number of a thousand digits', withFirst('9'.repeat(1000)), 'BAD_USER_INPUT'],
  ['a number too large for Int', withFirst('2147483648'), 'BAD_USER_INPUT'],
  ['a fraction', withFirst('1.5'), 'BAD_USER_INPUT'],
  ['an object for a number', withFirst('{"valueOf":1}'), 'BAD_USER_INPUT'],
  ['a list for a number', withFirst('[1]'), 'BAD_USER_INPUT'],
  ['20,000 wrong ids', withIds(`[${'{},'.repeat(20_000)}{}]`), 'BAD_USER_INPUT'],
  ['100,000 wrong ids', withIds(`[${'{},'.repeat(100_000)}{}]`), 'LIMIT_EXCEEDED MAX_FIELDS'],
  ['20,000 nested lists as ids', withIds(nested('[', ']', 20_000)), 'BAD_USER_INPUT'],
  ['200,000 nested lists', withIds(nested('[', ']', 200_000)), 'LIMIT_EXCEEDED MAX_FIELDS'],
  ['100,000 ids', withIds(`[${'"x",'.repeat(100_000)}"x"]`), 'LIMIT_EXCEEDED MAX_FIELDS'],
  ['1001 ids', withIds(`[${'"x",'.repeat(1000)}"x"]`), 'LIMIT_EXCEEDED MAX_IDS'],
])('a hostile body is rejected without a call: %s', async (_, body, code) => {
  const server = await start();
  const answer = await post(server.url, { body });
  expectSafe(answer);
  expect(codeOf(answer)).toBe(code);
  expect(server.calls()).toEqual([]);
  await expectStillServes(server);
});

test.each<[string, string]>([
  ['variables that are not declared', withVariables('{"a":1,"b":[2]}')],
  [
    '20,000 levels of undeclared variables',
    withVariables(nested('{"a":', '}', 20_000).replace(':}', ':1}')),
  ],
  [
    '10,000 undeclared variables',
    withVariables(
      JSON.stringify(
        Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`v${index}`, index])),
      ),
    ),
  ],
  [
    'a prototype in the variables',
    withVariables('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
  ],
  [
    'a prototype in the extensions',
    `{"query":"${query}","extensions":{"__proto__":{"polluted":true}}}`,
  ],
  [
    'extensions that this server does not know',
    `{"query":"${query}","extensions":{"code":"x","http":{"status":500}}}`,
  ],
  ['a prototype beside the query', `{"query":"${query}","__proto__":{"polluted":true}}`],
  ['a constructor', `{"query":"${query}","constructor":{"prototype":{"polluted":true}}}`],
  ['an id that Relay adds', `{"query":"${query}","id":1}`],
  ['a name twice: the last counts', `{"query":"{","query":"${query}"}`],
  ['a byte order mark', `\ufeff{"query":"${query}"}`],
])('a body with unusual but harmless content is accepted: %s', async (_, body) => {
  const server = await start();
  const answer = await post(server.url, { body });
  expect([answer.status, answer.body]).toEqual([200, { data: { __typename: 'Query' } }]);
  expect('polluted' in {}).toBe(false);
});

test('an invalid entity reference gets an error of its own', async () => {
  const server = await start();
  const wrong = [
    '{"__proto__":{"__typename":"Instance","id":"inst_abc123"}}',
    '{"__typename":"__proto__","id":"inst_abc123"}',
    `{"__typename":"Instance","id":${nested('[', ']', 10_000)}}`,
    '{"__typename":"Instance","id":{"toString":"inst_abc123"}}',
    '{"__typename":"Query","id":"x"}',
  ];
  const of = [...wrong, '{"__typename":"Instance","id":"inst_abc123"}'].join(',');
  const document = 'query ($of: [_Any!]!) { _entities(representations: $of) { __typename } }';
  const body = `{"query":"${document}","variables":{"of":[${of}]}}`;
  const answer = await post(server.url, { body });
  expectSafe(answer);
  expect(answer.body.errors).toHaveLength(wrong.length);
  expect(answer.body.data).toEqual({
    _entities: [...wrong.map(() => null), { __typename: 'Instance' }],
  });
});

test('a body of one byte more than MAX_BODY_BYTES is rejected', async () => {
  const server = await start();
  const large = `{"query":"${query}"}`.padEnd(1024 * 1024);
  expect((await post(server.url, { body: large })).status).toBe(200);
  const answer = await post(server.url, { body: `${large} ` });
  expect([answer.status, codeOf(answer)]).toEqual([413, 'LIMIT_EXCEEDED MAX_BODY_BYTES']);
  await expectStillServes(server);
});
