import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import process from 'node:process';
import { expect, test } from 'vitest';
import { startProcess, urlOf } from '#test/support/process/start-process.ts';

test('without configuration it starts, and logs its URL, its upstream and its authentication', async () => {
  const started = startProcess();
  const url = await urlOf(started);
  const line = JSON.parse(await started.line('Serving ')) as Record<string, string>;
  const { level, msg } = line;
  const { version } = JSON.parse(await readFile('package.json', 'utf8'));

  expect(level).toBe('info');
  expect(line).toMatchObject({ version, node: process.versions.node });
  expect(msg).toContain('embedded sandbox');
  expect(msg).toContain('Authorization: Bearer');
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ instances(first: 1) { totalCount } }' }),
  });
  expect(await response.json()).toMatchObject({ data: { instances: { totalCount: 3 } } });
});

test('an operation has a log line, without the key, the variables and the document', async () => {
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

test('an invalid environment stops the start, with a line for each variable and no stack', async () => {
  const { stderr, exitCode } = startProcess({ PORT: 'x', LOG_LEVEL: 'loud', AUTH: 'jwt' });
  expect(await exitCode).toBe(1);
  const lines = (await stderr).trimEnd().split('\n');
  expect(lines.map((line) => line.split(':')[0])).toEqual([
    'PORT',
    'LOG_LEVEL',
    'ENVIAAI_API_KEY',
    'AUTH_JWKS_URL',
    'AUTH_ISSUER',
    'AUTH_AUDIENCE',
  ]);
});

test('ENVIAAI_API_KEY with AUTH=passthrough stops the start, and is not printed', async () => {
  const { stderr, exitCode } = startProcess({ ENVIAAI_API_KEY: 'sk_live_secret' });
  expect(await exitCode).toBe(1);
  expect(await stderr).toMatch(/^ENVIAAI_API_KEY: must not be set.*\n$/);
});

test('a port in use stops the start with a line that suggests another', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  const { stderr, exitCode } = startProcess({ PORT: String(port) });
  expect(await exitCode).toBe(1);
  expect(await stderr).toBe(
    `PORT: ${port} is already in use. Use another port, for example PORT=${port + 1}.\n`,
  );
  other.close();
});

test.each(['192.0.2.1', 'no.such.host.invalid'])(
  'an address of another machine stops the start with a line: %s',
  async (HOST) => {
    const { stderr, exitCode } = startProcess({ HOST });
    expect(await exitCode).toBe(1);
    expect(await stderr).toBe(`HOST: ${HOST} is not an address of this machine.\n`);
  },
);

test('AUTH=none is reported at the start, with a warning', async () => {
  const { line } = startProcess({ AUTH: 'none', ENVIAAI_API_KEY: 'sk_live_secret' });
  expect(await line('Serving ')).toContain('Callers are not authenticated.');
  const warning = await line('AUTH=none');
  expect(JSON.parse(warning)).toMatchObject({ level: 'warn' });
  expect(warning).not.toContain('sk_live_secret');
});

test('the token issuer is reported at the start, and need not be reachable', async () => {
  const { line } = startProcess({
    AUTH: 'jwt',
    ENVIAAI_API_KEY: 'sk_live_secret',
    AUTH_JWKS_URL: 'http://127.0.0.1:9/keys',
    AUTH_ISSUER: 'https://id.example.com',
    AUTH_AUDIENCE: 'enviaai',
  });
  const startLine = await line('Serving ');
  expect(startLine).toContain('a token from https://id.example.com for enviaai as');
  expect(startLine).not.toContain('sk_live_secret');
  expect(JSON.parse(await line('AUTH_JWKS_URL'))).toMatchObject({ level: 'warn' });
});
