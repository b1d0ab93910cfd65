import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, expect, test } from 'vitest';
import { startSandbox } from '#src/sandbox/sandbox.ts';
import { startProcess, urlOf } from '#test/support/process/start-process.ts';
import { readBom } from '#test/support/image/bom.ts';
import { build, pathIn } from '#test/support/image/build.ts';

const folder = mkdtempSync(join(tmpdir(), 'enviaai-image-'));
afterAll(() => rmSync(folder, { recursive: true }));
const image = build(readFileSync('Dockerfile', 'utf8'), folder);
const sandbox = await startSandbox({ instances: 3, ratePerMinute: 50 });
afterAll(() => sandbox.close());

/**
 * Node as the image has it, and nothing else of this environment. It may write no file: the disk is
 * read-only.
 */
const env = {
  ...image.env,
  PATH: `${join(process.execPath, '..')}:${process.env['PATH'] ?? ''}`,
  NODE_OPTIONS: '--permission --allow-fs-read=*',
  NODE_DISABLE_COMPILE_CACHE: '1',
};

async function freePort(): Promise<string> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return String(port);
}

/** The exit code of the HEALTHCHECK of the image. */
function health(PORT: string): Promise<number> {
  const [file, ...args] = image.healthcheck ?? ['false'];
  const cwd = pathIn(image, '.');
  return new Promise((resolve) => {
    execFile(file, args, { cwd, env: { ...env, PORT } }, (error) =>
      resolve(Number(error?.code ?? 0)),
    );
  });
}

test('the installed packages are those of the SBOM, except Node, which the base image contains', () => {
  const { packages } = JSON.parse(
    readFileSync(pathIn(image, 'node_modules/.package-lock.json'), 'utf8'),
  ) as { packages: Record<string, { version: string }> };
  const installed = Object.entries(packages).map(
    ([path, { version }]) => `${path.split('node_modules/').at(-1)}@${version}`,
  );
  const listed = readBom().components.map((component) => component['bom-ref']);
  expect([...new Set(installed)].toSorted()).toEqual(
    listed.filter((ref) => !ref.startsWith('node-linux-')).toSorted(),
  );
  expect(readdirSync(pathIn(image, '.')).toSorted()).toEqual([
    'node_modules',
    'package.json',
    'src',
  ]);
});

test('in production it starts without writing a file, answers, is healthy, and exits after SIGTERM', async () => {
  const PORT = await freePort();
  expect(await health(PORT)).toBe(1);
  const started = startProcess(
    { ...env, PORT, ENVIAAI_BASE_URL: sandbox.url },
    { command: image.cmd ?? ['false'], folder: pathIn(image, '.') },
  );
  const url = await urlOf(started);
  expect(await health(PORT)).toBe(0);

  const ask = async (query: string) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer test' },
      body: JSON.stringify({ query }),
    });
    return response.json();
  };
  expect(await ask('{ instances { totalCount } }')).toMatchObject({
    data: { instances: { totalCount: 3 } },
  });
  expect(JSON.stringify(await ask('{ __schema { types { name } } }'))).toContain('disabled');

  started.child.kill('SIGTERM');
  expect(await started.exitCode).toBe(0);
  expect(await started.stderr).toBe('');
});

test('the modules for traces and tokens, which are loaded on demand, are in the image', async () => {
  const started = startProcess(
    {
      ...env,
      ENVIAAI_BASE_URL: sandbox.url,
      OTEL_TRACES_EXPORTER: 'otlp',
      AUTH: 'jwt',
      ENVIAAI_API_KEY: 'test',
      AUTH_JWKS_URL: 'https://127.0.0.1:1/keys',
      AUTH_ISSUER: 'https://issuer.example',
      AUTH_AUDIENCE: 'graph',
    },
    { command: image.cmd ?? ['false'], folder: pathIn(image, '.') },
  );
  expect((await fetch(new URL('/readyz', await urlOf(started)))).status).toBe(200);
  started.child.kill('SIGTERM');
  expect(await started.exitCode).toBe(0);
});
