import { once } from 'node:events';
import { mkdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { expect, onTestFinished, test } from 'vitest';
import { startProcess, urlOf } from '#test/support/process/start-process.ts';
import { answering } from '#test/support/telemetry/traced.ts';
import { createFolder } from '#test/support/trusted-documents/manifests.ts';
import { startUpstream } from '#test/support/upstream.ts';

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

test('a variable that is not read is reported at the start, with the one that is meant', async () => {
  const { line } = startProcess({ FRESH_MSS: 'sk_live_secret' });
  const warning = await line('FRESH_MSS');
  expect(JSON.parse(warning)).toMatchObject({
    level: 'warn',
    msg: 'FRESH_MSS: is not a variable of this server. Is FRESH_MS meant?',
  });
  expect(warning).not.toContain('sk_live_secret');
});

test('the key of the server can be in a file', async () => {
  const ENVIAAI_API_KEY_FILE = join(await createFolder({ key: 'sk_live_of_a_file\n' }), 'key');
  const upstream = await startUpstream(answering(true));
  onTestFinished(() => upstream.close());
  const ENVIAAI_BASE_URL = upstream.url.href;
  const started = startProcess({ AUTH: 'none', ENVIAAI_API_KEY_FILE, ENVIAAI_BASE_URL });
  await fetch(await urlOf(started), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ instances { totalCount } }' }),
  });
  const keys = upstream.calls.map(({ headers }) => headers['authorization']);
  expect(keys).toEqual(['Bearer sk_live_of_a_file']);
});

test('a secret in a file that does not exist stops the start with a line, without the path', async () => {
  const { stderr, exitCode } = startProcess({ REDIS_URL_FILE: '/run/secrets/not-there' });
  expect(await exitCode).toBe(1);
  expect(await stderr).toBe('REDIS_URL_FILE: the file does not exist\n');
});

test('npm start reads .env, and reports its lines that cannot be read', async () => {
  const folder = await createFolder({ '.env': '\uFEFFPORT=0\nLOG LEVEL=debug\nHOST=127.0.0.2\n' });
  const command = [process.execPath, resolve('tools/run.mjs'), resolve('src/main.ts')] as const;
  const started = startProcess({}, { folder, command: [...command] });
  expect(await urlOf(started)).toContain('http://127.0.0.2:');
  started.child.kill('SIGTERM');
  expect(await started.stderr).toBe('.env: line 2 is not NAME=value, and is ignored\n');
});

test('a .env that cannot be read stops npm start with a line', async () => {
  const folder = await createFolder({});
  await mkdir(join(folder, '.env'));
  const command = [process.execPath, resolve('tools/run.mjs'), resolve('src/main.ts')] as const;
  const { stderr, exitCode } = startProcess({}, { folder, command: [...command] });
  expect(await exitCode).toBe(1);
  expect(await stderr).toBe('.env: cannot be read\n');
});

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
