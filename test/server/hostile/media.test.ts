import { expect, test } from 'vitest';
import { start } from '#test/support/start.ts';
import { codeOf, expectSafe, expectStillServes, post } from '#test/support/hostile/hostile.ts';

const query = '{ instances { totalCount } }';
const form = `query=${encodeURIComponent(query)}`;
const part = (name: string, text: string) =>
  `--x\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`;
const operations = JSON.stringify({ query });
const aliases = Array.from({ length: 101 }, (_, index) => `a${index}:__typename`);

test.each([
  ['a form', 'application/x-www-form-urlencoded', form],
  ['a form with JSON', 'application/x-www-form-urlencoded', operations],
  [
    'a file upload',
    'multipart/form-data; boundary=x',
    `${part('operations', operations)}${part('map', '{}')}--x--\r\n`,
  ],
  ['text', 'text/plain', operations],
  ['text with a JSON parameter', 'text/plain;application/json', operations],
  ['a document without JSON', 'application/graphql', query],
  ['another JSON type', 'application/vnd.api+json', operations],
  ['two types', 'application/json, text/plain', operations],
  ['XML', 'application/xml', '<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]><x>&y;</x>'],
])(
  'a content type that browsers send without a preflight is rejected: %s',
  async (_, type, body) => {
    const server = await start();
    const answer = await post(server.url, { body, headers: { 'content-type': type } });
    expectSafe(answer);
    expect([answer.status, codeOf(answer)]).toEqual([415, 'BAD_REQUEST']);
    expect(server.calls()).toEqual([]);
    await expectStillServes(server);
  },
);

test.each([
  ['a mutation', 'query=mutation{__typename}', 'BAD_REQUEST'],
  ['a mutation beside a query', 'query=query A{a} mutation B{b}&operationName=B', 'BAD_REQUEST'],
  ['a subscription', 'query=subscription{__typename}', 'GRAPHQL_VALIDATION_FAILED'],
  ['no query', 'variables={}', 'BAD_REQUEST'],
  ['two queries, of which the first is used', 'query={&query={__typename}', 'GRAPHQL_PARSE_FAILED'],
  ['variables that are not JSON', 'query={__typename}&variables={', 'BAD_REQUEST'],
  ['an invalid escape', 'query=%', 'GRAPHQL_PARSE_FAILED'],
  ['101 aliases', `query={${aliases.join(' ')}}`, 'LIMIT_EXCEEDED MAX_ALIASES'],
])('GET executes no mutation, and nothing that POST rejects: %s', async (_, search, code) => {
  const server = await start();
  const response = await fetch(`${server.url}?${search}`, {
    headers: { authorization: 'Bearer test' },
  });
  const text = await response.text();
  const answer = { status: response.status, text, body: JSON.parse(text) };
  expectSafe(answer);
  expect(codeOf(answer)).toBe(code);
  expect('data' in answer.body).toBe(false);
  expect(server.calls()).toEqual([]);
  await expectStillServes(server);
});

test('keys and queries are not logged, also for invalid requests', async () => {
  const server = await start();
  const key = 'sk_live_very_secret';
  const headers = { authorization: `Bearer ${key}` };
  await post(server.url, { body: { query: '{ instances { totalCount } }' }, headers });
  await post(server.url, { body: '{"query":"{ secretField }"', headers });
  await post(server.url, { body: { query: '{ secretField }' }, headers });
  await fetch(`${server.url}?query={secretField}&key=${key}`, { headers });
  expect(server.log.join('')).not.toMatch(/very_secret|secretField/);
});
