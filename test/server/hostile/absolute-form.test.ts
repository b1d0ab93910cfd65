import { expect, test } from 'vitest';
import { sendRaw } from '#test/support/hostile/hostile.ts';
import { start } from '#test/support/start.ts';

const query = encodeURIComponent('{ instances { totalCount } }');
const end = 'connection: close\r\n\r\n';
const body = '{"query":"{ instances { totalCount } }"}';
const answer = '{"data":{"instances":{"totalCount":3}}';

test.each(['http://localhost', 'HTTP://LOCALHOST:4000', 'https://app.localhost'])(
  'a target in absolute form is the same request as its path: %s',
  async (origin) => {
    const server = await start();
    const head = `host: localhost\r\nauthorization: Bearer test\r\n`;
    const byGet = await sendRaw(
      server.url,
      `GET ${origin}/graphql?query=${query} HTTP/1.1\r\n${head}${end}`,
    );
    expect(byGet.statuses).toEqual([200]);
    expect(byGet.text).toContain(answer);
    const byPost = await sendRaw(
      server.url,
      `POST ${origin}/graphql HTTP/1.1\r\n${head}content-type: application/json\r\n` +
        `content-length: ${body.length}\r\n${end}${body}`,
    );
    expect(byPost.text).toContain(answer);
  },
);

test('HEAD of a target in absolute form has the headers of GET, and no body', async () => {
  const server = await start();
  const send = async (method: string) => {
    const target = `http://localhost/graphql?query=${query}`;
    const bytes = `${method} ${target} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer test\r\n${end}`;
    const [head = '', rest] = (await sendRaw(server.url, bytes)).text.split('\r\n\r\n');
    return { status: head.split('\r\n')[0], length: /content-length: \d+/.exec(head)?.[0], rest };
  };
  const get = await send('GET');
  expect(get.rest).toContain(answer);
  expect(await send('HEAD')).toEqual({ ...get, rest: '' });
});

test('a URL without a path is that of the root', async () => {
  const server = await start();
  const { text } = await sendRaw(
    server.url,
    `GET http://localhost HTTP/1.1\r\nhost: localhost\r\n${end}`,
  );
  expect(text).toMatch(/^HTTP\/1\.1 302 /);
});

test('the host of the target decides, not that of the Host header', async () => {
  const server = await start({ env: { AUTH: 'none', ENVIAAI_API_KEY: 'key' } });
  const statusOf = async (target: string, host: string) => {
    const bytes = `GET ${target}?query=${query} HTTP/1.1\r\nhost: ${host}\r\n${end}`;
    return (await sendRaw(server.url, bytes)).statuses;
  };
  expect(await statusOf('http://evil.example/graphql', 'localhost')).toEqual([421]);
  expect(await statusOf('http://localhost/graphql', 'evil.example')).toEqual([200]);
  expect(server.calls('key')).toHaveLength(1);
});

test('a page has the same origin as the host of the target', async () => {
  const server = await start({
    env: { AUTH: 'none', ENVIAAI_API_KEY: 'key', CORS_ORIGINS: 'https://a.example' },
  });
  const statusOf = async (origin: string) => {
    const bytes =
      `GET http://localhost/graphql?query=${query} HTTP/1.1\r\nhost: 127.0.0.1\r\n` +
      `origin: ${origin}\r\n${end}`;
    return (await sendRaw(server.url, bytes)).statuses;
  };
  expect(await statusOf('http://localhost')).toEqual([200]);
  expect(await statusOf('http://127.0.0.1')).toEqual([403]);
});
