import { expect, test } from 'vitest';
import { startHttp } from '#test/support/http/start-http.ts';

const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

test('a browser gets GraphiQL as one page with an example query, closed to other sites', async () => {
  const { url } = await startHttp({
    options: { graphiqlKey: { authorization: 'Bearer sandbox', keyHint: null } },
  });
  const response = await fetch(url, { headers: browser });
  const html = await response.text();

  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(html).toContain('<title>EnviaAI GraphQL</title>');
  expect(html).toContain('\\nquery Instances {\\n  instances(first: 3) {\\n');
  expect(html).toContain('Bearer sandbox');
  expect(html).not.toMatch(/<(?:script|link|img)[^>]+(?:src|href)="?https?:/);
  expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  expect(response.headers.get('content-security-policy')).toContain("connect-src 'self'");
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  expect(response.headers.get('referrer-policy')).toBe('no-referrer');
});

test.each([
  ['br', 4.2],
  ['zstd', 4.2],
  ['gzip', 3],
])(
  'the page is compressed with %s to a part of its size: 1 of %d or less',
  async (coding, factor) => {
    const { url } = await startHttp();
    const get = (accept: string) =>
      fetch(url, { headers: { ...browser, 'accept-encoding': accept } });
    const plain = await get('identity');
    const compressed = await get(coding);

    expect(compressed.headers.get('content-encoding')).toBe(coding);
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(await compressed.text()).toBe(await plain.text());
    const bytes = (response: Response) => Number(response.headers.get('content-length'));
    expect(bytes(compressed)).toBeLessThan(bytes(plain) / factor);
  },
);

test('a browser with a cached page gets 304', async () => {
  const { url } = await startHttp();
  const first = await fetch(url, { headers: browser });
  const etag = first.headers.get('etag') ?? '';
  const again = await fetch(url, { headers: { ...browser, 'if-none-match': etag } });
  expect(again.status).toBe(304);
  expect(first.headers.get('cache-control')).toBe('private, no-cache');
});

const typeOf = (response: Response) => response.headers.get('content-type')?.split(';')[0];

test.each([
  ['query={hello}', browser.accept],
  ['query={hello}&variables={}', 'text/html'],
  ['query=', browser.accept],
  ['', '*/*;q=0.8,text/html;q=0.1'],
])('a browser that reloads GraphiQL gets GraphiQL: %s, %s', async (search, accept) => {
  const { url, finished } = await startHttp();
  const response = await fetch(`${url}?${search}`, { headers: { accept } });
  expect([response.status, typeOf(response)]).toEqual([200, 'text/html']);
  expect(finished).toEqual([]);
});

test.each([
  'application/json',
  '*/*',
  'application/json, text/html',
  'text/html;q=0.5, application/json',
  'text/html;q=0, */*',
])('a client that prefers JSON gets the response to its operation: %s', async (accept) => {
  const { url } = await startHttp();
  const response = await fetch(`${url}?query={hello}`, { headers: { accept } });
  expect(await response.json()).toEqual({ data: { hello: 'hello you' } });
});

test('with GraphiQL off, a browser gets the response to its operation', async () => {
  const { url } = await startHttp({ options: { graphiql: false } });
  const response = await fetch(`${url}?query={hello}`, { headers: browser });
  expect(await response.json()).toEqual({ data: { hello: 'hello you' } });
});

test('only a browser that could have GraphiQL is told why it has not', async () => {
  const { url } = await startHttp();
  const messageFor = async (method: string, accept: string) => {
    const headers = { accept, 'content-type': 'application/json' };
    const body = method === 'POST' ? '{"query":"{ hello }"}' : null;
    const { errors } = await (await fetch(url, { method, headers, body })).json();
    return errors[0].message;
  };
  expect(await messageFor('POST', 'text/html')).not.toContain('GraphiQL');
  expect(await messageFor('GET', 'image/png')).not.toContain('GraphiQL');
  expect(await messageFor('GET', '*/*')).not.toContain('GraphiQL');
});

test('with GraphiQL off, a browser gets the same errors as other clients', async () => {
  const { url } = await startHttp({ options: { graphiql: false } });
  const page = await fetch(url, { headers: browser });
  expect([page.status, page.headers.get('content-type')]).toEqual([
    400,
    'application/json; charset=utf-8',
  ]);
  expect((await fetch(url, { headers: { accept: 'text/html' } })).status).toBe(406);
});

test.each([browser.accept, 'text/html'])(
  'with GraphiQL off, the error for a browser says so, and how to send an operation: %s',
  async (accept) => {
    const { url } = await startHttp({ options: { production: true, graphiql: false } });
    const { errors } = await (await fetch(url, { headers: { accept } })).json();
    expect(errors).toEqual([
      {
        message: expect.stringMatching(/GraphiQL is served to browsers only if it is enabled/),
        extensions: { code: 'BAD_REQUEST' },
      },
    ]);
    expect(errors[0].message).toMatch(accept === 'text/html' ? /application\/json/ : /by POST/);
    // The error does not reveal the configuration.
    expect(errors[0].message).not.toMatch(/[A-Z]{5,}|production/);
  },
);

test('the error for a request without an operation says how to send one', async () => {
  const { url } = await startHttp();
  const { errors } = await (await fetch(`${url}?variables={}`)).json();
  expect(errors[0].message).toContain('The request has no operation. Send an operation by POST');
});
