import { expect, test } from 'vitest';
import { fullList, startCaching } from '#test/support/response-cache/caching-server.ts';
import type { StartOptions } from '#test/support/start.ts';

const key = 'test';
const names = '{ instances { totalCount nodes { id name status } } }';

async function startTagging(options: StartOptions = {}) {
  const server = await startCaching(options);
  const get = async (
    query: string,
    headers: Record<string, string> = {},
    method: 'GET' | 'HEAD' = 'GET',
  ) => {
    const url = new URL(server.url);
    url.search = String(new URLSearchParams({ query }));
    const response = await fetch(url, {
      method,
      // With If-None-Match, fetch sends `Cache-Control: no-cache` unless there is another one.
      headers: { authorization: `Bearer ${key}`, 'cache-control': 'max-age=0', ...headers },
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      tag: response.headers.get('etag') ?? '',
    };
  };
  return { ...server, get };
}

test('a GET with the tag of the data it has gets 304, until the data changes', async () => {
  const server = await startTagging();
  const first = await server.get(names);
  expect([first.status, first.tag]).toEqual([200, expect.stringMatching(/^W\/"[\w-]{43}"$/)]);

  for (const passes of [0, 1500, 2001, 2001]) {
    server.clock.advance(passes);
    const same = await server.get(names, {
      'if-none-match': first.tag,
      origin: 'http://localhost:3000',
    });
    expect([same.status, same.text, same.tag]).toEqual([304, '', first.tag]);
    expect(Object.fromEntries(same.headers)).toMatchObject({
      'cache-control': expect.stringMatching(/^private, max-age=[02]$/),
      vary: 'Accept, Accept-Encoding, Authorization, Origin',
      'access-control-allow-origin': 'http://localhost:3000',
      'access-control-expose-headers': 'x-request-id, etag',
      'x-request-id': expect.any(String),
    });
    for (const name of ['content-type', 'content-length', 'content-encoding']) {
      expect(same.headers.get(name), name).toBeNull();
    }
  }
  expect(server.calls()).toHaveLength(3);

  server.sandbox.control.status({ key, id: 'inst_abc123', status: 'disconnected' });
  server.clock.advance(2001);
  const changed = await server.get(names, { 'if-none-match': first.tag });
  expect(changed.status).toBe(200);
  expect(changed.tag).not.toBe(first.tag);
  expect(JSON.parse(changed.text).data.instances.nodes[0].status).toBe('DISCONNECTED');
  expect(server.calls()).toHaveLength(4);
});

test('the log has the status 304, and the upstream calls', async () => {
  const server = await startTagging({ env: { FRESH_MS: '0' } });
  const { tag } = await server.get(names);
  const { headers } = await server.get(names, { 'if-none-match': tag });
  expect(headers.get('cache-control')).toBe('private, max-age=0');
  const line = server.log.find((each) => each.includes('"status":304')) ?? '';
  expect(JSON.parse(line)).toMatchObject({ calls: 1, code: null });
});

test.for([
  ['several tags, one of them the same', (tag: string) => `"x", ${tag}`, 304],
  ['the same tag as a strong one', (tag: string) => tag.replace('W/', ''), 304],
  ['any tag', () => '*', 304],
  ['another tag', () => 'W/"x"', 200],
  ['no tag at all', () => 'nonsense', 200],
] as const)('If-None-Match with %s', async ([, header, status]) => {
  const server = await startTagging();
  const { tag } = await server.get(names);
  expect((await server.get(names, { 'if-none-match': header(tag) })).status).toBe(status);
});

test('HEAD has the tag of GET, and gets 304 too', async () => {
  const server = await startTagging();
  const { tag } = await server.get(names);
  const head = await server.get(names, {}, 'HEAD');
  expect([head.status, head.tag, head.text]).toEqual([200, tag, '']);
  expect((await server.get(names, { 'if-none-match': tag }, 'HEAD')).status).toBe(304);
});

test('the tag is the same for each content coding', async () => {
  const server = await startTagging({ instances: 50 });
  const codings = ['identity', 'gzip', 'br'];
  const tags = [];
  for (const coding of codings) {
    const { tag, headers } = await server.get(names, { 'accept-encoding': coding });
    expect(headers.get('content-encoding') ?? 'identity').toBe(coding);
    tags.push(tag);
  }
  expect(new Set(tags).size).toBe(1);
});

test('a list with cursors has another tag after a refresh, because its cursors changed', async () => {
  const server = await startTagging();
  const { tag } = await server.get(fullList);
  expect((await server.get(fullList, { 'if-none-match': tag })).status).toBe(304);
  server.clock.advance(2001);
  const refreshed = await server.get(fullList, { 'if-none-match': tag });
  expect(refreshed.status).toBe(200);
  const again = await server.get(fullList, { 'if-none-match': refreshed.tag });
  expect([again.status, again.tag]).toEqual([304, refreshed.tag]);
});

test('a key that EnviaAI refuses gets an error, whatever tag it sends', async () => {
  const server = await startTagging();
  const { tag } = await server.get(names);
  server.clock.advance(2001);
  server.sandbox.control.fail({ key, status: 401, code: 'invalid_api_key' });
  const refused = await server.get(names, { 'if-none-match': tag });
  expect([refused.status, refused.tag]).toEqual([200, '']);
  expect(JSON.parse(refused.text).errors).toMatchObject([
    { extensions: { code: 'UNAUTHENTICATED' } },
  ]);
  const anyTag = await server.get(names, { 'if-none-match': '*', authorization: 'Bearer x y' });
  expect(JSON.parse(anyTag.text).errors).toMatchObject([
    { extensions: { code: 'UNAUTHENTICATED' } },
  ]);
});

test('a spent budget is reported: a stale response is sent whole, and has no tag', async () => {
  const server = await startTagging({ ratePerMinute: 1 });
  const { tag } = await server.get(names);
  server.clock.advance(2001);
  const stale = await server.get(names, { 'if-none-match': tag });
  expect([stale.status, stale.tag]).toEqual([200, '']);
  expect(JSON.parse(stale.text).extensions.enviaai).toMatchObject({ stale: true });
  expect(server.calls()).toHaveLength(1);
});

test('a caller over its limit of operations gets no 304', async () => {
  const env = { AUTH: 'none', ENVIAAI_API_KEY: key, CALLER_RATE_PER_MINUTE: '2' };
  const server = await startTagging({ env });
  const { tag } = await server.get(names);
  expect((await server.get(names, { 'if-none-match': tag })).status).toBe(304);
  const over = await server.get(names, { 'if-none-match': tag });
  expect(JSON.parse(over.text).errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED' } }]);
});

test('POST, errors and responses without rows have no tag', async () => {
  const server = await startTagging();
  expect((await server.query(names)).headers.get('etag')).toBeNull();
  for (const query of [
    '{ instances { totalCount } wrong: instances(first: 0) { totalCount } }',
    '{ nonsense }',
    '{ __typename }',
    '{ rateLimit { limit } }',
  ]) {
    const { tag, status } = await server.get(query, { 'if-none-match': '*' });
    expect([tag, status], query).toEqual(['', 200]);
  }
});
