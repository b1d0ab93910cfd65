import { createClient, type EnviaaiError } from 'enviaai-graphql/client';
import { expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { start } from '#test/support/start.ts';
import { always, startUpstream } from '#test/support/upstream.ts';

/** Whole sentences: the only exceptions are words of Apollo's protocol for persisted queries. */
const sentences = /^(?:[A-Z`][^]*[.?]|PersistedQueryNot(?:Found|Supported))$/;

const list = '{ instances { totalCount } }';
const json = { 'content-type': 'application/json' };
const post = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: json,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

const wrongRequests: readonly (readonly [string, RequestInit])[] = [
  ['', post('{')],
  ['', post([])],
  ['', post({})],
  ['', post({ query: 7 })],
  ['', post({ query: list, variables: 'x' })],
  ['', post({ query: '{' })],
  ['', post({ query: '' })],
  ['', post({ query: '{ nothing }' })],
  ['', post({ query: 'mutation { a }' })],
  ['', post({ query: 'query A { __typename } query B { __typename }' })],
  ['', post({ query: list, operationName: 'Other' })],
  ['', post({ query: '{ instances(first: 0) { totalCount } }' })],
  ['', post({ query: '{ instances(first: 1, last: 1) { totalCount } }' })],
  ['', post({ query: '{ instances(after: "x") { totalCount } }' })],
  ['', post({ query: '{ instances(status: QR_PENDING) { totalCount } }' })],
  ['', post({ query: 'query ($n: Int!) { instances(first: $n) { totalCount } }' })],
  ['', post({ query: '{ _entities(representations: [{ a: 1 }]) { __typename } }' })],
  ['', post({ query: `{ nodes(ids: [${'"a",'.repeat(1001)}]) { id } }` })],
  ['', post({ query: `{ ${'a: __typename '.repeat(3000)} }` })],
  [
    '',
    post({
      query: `{ ${Array.from({ length: 101 }, (_, at) => `a${at}: __typename`).join(' ')} }`,
    }),
  ],
  ['', post({ extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } } })],
  ['', { ...post({ query: list }), headers: { 'content-type': 'text/plain' } }],
  ['', { ...post({ query: list }), headers: { ...json, accept: 'text/css' } }],
  ['', { ...post({ query: list }), headers: { ...json, authorization: 'Basic eDp4' } }],
  ['', { ...post({ query: list }), headers: { ...json, authorization: 'Bearer invalid' } }],
  ['', { ...post({ query: list }), headers: { ...json, origin: 'https://elsewhere.example' } }],
  ['', { method: 'PUT' }],
  ['', { headers: { accept: 'application/json' } }],
  ['?query=mutation{a}', { headers: { accept: 'application/json' } }],
  ['?query={__typename}&variables={', { headers: { accept: 'application/json' } }],
];

test('the message of each error is made of whole sentences', async () => {
  const server = await start({ env: { MAX_TOKENS: '5000' } });
  const messages = new Set<string>();
  for (const [path, request] of wrongRequests) {
    const response = await fetch(server.url + path, request);
    const { errors } = (await response.json()) as { errors?: { message: string }[] };
    expect(errors?.length, `${path} ${JSON.stringify(request).slice(0, 200)}`).toBeGreaterThan(0);
    for (const { message } of errors ?? []) messages.add(message);
  }
  expect([...messages].filter((message) => !sentences.test(message))).toEqual([]);
  expect(messages.size).toBeGreaterThan(20);
});

test('if the time to wait is known, the message has it, in the seconds of `retryAfter`', async () => {
  const clock = createTestClock();
  const server = await start({ clock });
  server.sandbox.control.spend({ key: 'test', remaining: 0 });
  await server.query(list);
  clock.advance(19_000);
  const spent = await server.query(list);
  expect(spent.errors?.[0]?.extensions['retryAfter']).toBe(41);
  expect(spent.errors?.[0]?.message).toMatch(/ Try again after 41 seconds\.$/);
});

test('an outage says when to try again if EnviaAI does, and "later" if it does not', async () => {
  const messageOf = async (headers: Record<string, string>) => {
    const upstream = await startUpstream(always(503, '<html>', headers));
    const server = await start({ upstream: upstream.url.href });
    const { errors } = await server.query(list);
    await upstream.close();
    return errors?.[0];
  };
  expect(await messageOf({ 'retry-after': '120' })).toMatchObject({
    message: 'EnviaAI cannot be reached at the moment. Try again after 120 seconds.',
    extensions: { code: 'UPSTREAM_UNAVAILABLE', retryAfter: 120 },
  });
  expect((await messageOf({ 'retry-after': '1' }))?.message).toMatch(/ after 1 second\.$/);
  expect((await messageOf({}))?.message).toMatch(/ Try again (?:later|after \d+ seconds?)\.$/);
});

test("the client's messages are whole sentences, too", async () => {
  const server = await start();
  const other = await startUpstream(always(200, '<html>'));
  const empty = await startUpstream(always(200, { data: null }));
  const listAt = (url: string, options = {}) =>
    createClient({ url, token: 'test', retry: false }).instances.list(options);
  const failures = await Promise.allSettled([
    listAt('http://127.0.0.1:1/graphql'),
    listAt(other.url.href),
    listAt(empty.url.href),
    listAt(server.url, { status: 'banned' }),
    listAt(server.url, { first: 0 }),
  ]);
  await Promise.all([other.close(), empty.close()]);
  const messages = failures.map((each) =>
    each.status === 'rejected' ? (each.reason as EnviaaiError).message : 'It did not fail',
  );
  expect(messages.filter((message) => !sentences.test(message))).toEqual([]);
  expect(() => createClient({ url: '' })).toThrow(/\.$/);
});
