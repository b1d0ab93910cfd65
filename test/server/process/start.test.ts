import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { startProcess, urlOf } from '#test/support/process/start-process.ts';

test('it starts with nothing set, says where, over what and for whom, and answers', async () => {
  const started = startProcess();
  const url = await urlOf(started);
  const { level, msg } = JSON.parse(await started.line('Serving ')) as Record<string, string>;

  expect(level).toBe('info');
  expect(msg).toContain('embedded sandbox');
  expect(msg).toContain('Authorization: Bearer');
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ instances(first: 1) { totalCount } }' }),
  });
  expect(await response.json()).toMatchObject({ data: { instances: { totalCount: 3 } } });
});

test('its log tells of an operation what is needed, and no key', async () => {
  const started = startProcess();
  const query = 'query Screen($id: ID!) { instance(id: $id) { lastSeenAt } }';
  await fetch(await urlOf(started), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: 'Bearer sk_live_secret',
      'x-request-id': 'r1',
    },
    body: JSON.stringify({ query, variables: { id: 'inst_abc123' } }),
  });
  const line = await started.line('"Screen"');
  expect(JSON.parse(line)).toMatchObject({ requestId: 'r1', type: 'query', calls: 1, status: 200 });
  expect(line).not.toMatch(/sk_live|inst_abc123|lastSeenAt/);
});

test('what is wrong in the environment stops it, a line for each, without a stack', async () => {
  const { complaints, ended } = startProcess({ PORT: 'x', LOG_LEVEL: 'loud', AUTH: 'jwt' });
  expect(await ended).toBe(1);
  const lines = (await complaints).trimEnd().split('\n');
  expect(lines.map((line) => line.split(':')[0])).toEqual([
    'PORT',
    'LOG_LEVEL',
    'ENVIAAI_API_KEY',
    'AUTH_JWKS_URL',
    'AUTH_ISSUER',
    'AUTH_AUDIENCE',
  ]);
});

test('a key of its own stops it, and is not repeated', async () => {
  const { complaints, ended } = startProcess({ ENVIAAI_API_KEY: 'sk_live_secret' });
  expect(await ended).toBe(1);
  expect(await complaints).toMatch(/^ENVIAAI_API_KEY: must not be set.*\n$/);
});

test('a port in use stops it with one line, which says what to do', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  const { complaints, ended } = startProcess({ PORT: String(port) });
  expect(await ended).toBe(1);
  expect(await complaints).toBe(
    `PORT: ${port} is in use already. Set another, such as PORT=${port + 1}\n`,
  );
  other.close();
});

test.each(['192.0.2.1', 'no.such.host.invalid'])(
  'an address of another machine stops it with one line: %s',
  async (HOST) => {
    const { complaints, ended } = startProcess({ HOST });
    expect(await ended).toBe(1);
    expect(await complaints).toBe(`HOST: ${HOST} is not an address of this machine\n`);
  },
);

test('asking nobody who they are is said at the start, and warned about', async () => {
  const { line } = startProcess({ AUTH: 'none', ENVIAAI_API_KEY: 'sk_live_secret' });
  expect(await line('Serving ')).toContain('Whoever can reach it may ask');
  const warning = await line('AUTH=none');
  expect(JSON.parse(warning)).toMatchObject({ level: 'warn' });
  expect(warning).not.toContain('sk_live_secret');
});

test('whose tokens are taken is said at the start, and an issuer that is away does not stop it', async () => {
  const { line } = startProcess({
    AUTH: 'jwt',
    ENVIAAI_API_KEY: 'sk_live_secret',
    AUTH_JWKS_URL: 'http://127.0.0.1:9/keys',
    AUTH_ISSUER: 'https://id.example.com',
    AUTH_AUDIENCE: 'enviaai',
  });
  const said = await line('Serving ');
  expect(said).toContain('a token from https://id.example.com for enviaai may ask');
  expect(said).not.toContain('sk_live_secret');
  expect(JSON.parse(await line('AUTH_JWKS_URL'))).toMatchObject({ level: 'warn' });
});
