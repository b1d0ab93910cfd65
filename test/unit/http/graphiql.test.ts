import { expect, test } from 'vitest';
import { startHttp } from '#test/support/http/start-http.ts';

const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

test('a browser gets GraphiQL, whole, with an example, and shut to other sites', async () => {
  const { url } = await startHttp({ options: { presetKey: 'sandbox' } });
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

test.each(['br', 'gzip'])('the page travels compressed, at a third at most: %s', async (coding) => {
  const { url } = await startHttp();
  const get = (accept: string) =>
    fetch(url, { headers: { ...browser, 'accept-encoding': accept } });
  const plain = await get('identity');
  const packed = await get(coding);

  expect(packed.headers.get('content-encoding')).toBe(coding);
  expect(plain.headers.get('content-encoding')).toBeNull();
  expect(await packed.text()).toBe(await plain.text());
  const bytes = (response: Response) => Number(response.headers.get('content-length'));
  expect(bytes(packed)).toBeLessThan(bytes(plain) / 3);
});

test('a browser that has the page does not load it again', async () => {
  const { url } = await startHttp();
  const first = await fetch(url, { headers: browser });
  const etag = first.headers.get('etag') ?? '';
  const again = await fetch(url, { headers: { ...browser, 'if-none-match': etag } });
  expect(again.status).toBe(304);
  expect(first.headers.get('cache-control')).toBe('private, no-cache');
});

test('a browser that asks for an operation gets its answer', async () => {
  const { url } = await startHttp();
  const response = await fetch(`${url}?query={hello}`, { headers: browser });
  expect(await response.json()).toEqual({ data: { hello: 'hello you' } });
});

test('with GraphiQL off a browser is a client like any other', async () => {
  const { url } = await startHttp({ options: { graphiql: false } });
  const lost = await fetch(url, { headers: browser });
  expect([lost.status, lost.headers.get('content-type')]).toEqual([
    400,
    'application/json; charset=utf-8',
  ]);
  expect((await fetch(url, { headers: { accept: 'text/html' } })).status).toBe(406);
});

test.each([browser.accept, 'text/html'])(
  'who opens the endpoint where GraphiQL is off reads that it is, and how to ask: %s',
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
    // Nothing of how this server is configured.
    expect(errors[0].message).not.toMatch(/[A-Z]{5,}|production/);
  },
);

test('a client that asks for nothing is told how to ask', async () => {
  const { url } = await startHttp();
  const { errors } = await (await fetch(`${url}?variables={}`)).json();
  expect(errors[0].message).toContain('The request has no operation. Send an operation by POST');
});
