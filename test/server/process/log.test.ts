import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import process from 'node:process';
import { expect, test } from 'vitest';
import { startProcess, urlOf } from '#test/support/process/start-process.ts';

const headers = { 'content-type': 'application/json', authorization: 'Bearer test' };

/** Sends operations on 16 connections. Returns how many had each status. */
async function sendOperations(
  url: string,
  count: number,
  name = 'Polled',
): Promise<Record<string, number>> {
  const body = JSON.stringify({ query: `query ${name} { instances(first: 1) { totalCount } }` });
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const send = () =>
    new Promise<number>((resolve, reject) => {
      const sent = request(url, { method: 'POST', agent, headers }, (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
      });
      sent.on('error', reject).end(body);
    });
  const statuses = await Promise.all(Array.from({ length: count }, send));
  agent.destroy();
  return Object.fromEntries(
    Map.groupBy(statuses, String)
      .entries()
      .map(([status, all]) => [status, all.length]),
  );
}

async function droppedLines(url: string): Promise<number> {
  const page = await (await fetch(new URL('/metrics', url))).text();
  return Number(/^enviaai_log_lines_dropped_total (\d+)$/m.exec(page)?.[1]);
}

const statusOf = async (url: string, path: string) => (await fetch(new URL(path, url))).status;

// More lines than the pipe and the buffer have room for.
const operations = 5000;
const env = { CALLER_RATE_PER_MINUTE: '0', REQUEST_TIMEOUT_MS: '2000', FRESH_MS: '60000' };

test('while the reader of the log is paused, all operations and probes are answered, and dropped lines are counted', async () => {
  const started = startProcess(env);
  const url = await urlOf(started);
  expect(await droppedLines(url)).toBe(0);

  started.child.stdout?.pause();
  expect(await sendOperations(url, operations)).toEqual({ 200: operations });
  expect(await statusOf(url, '/healthz')).toBe(200);
  expect(await statusOf(url, '/readyz')).toBe(200);
  const dropped = await droppedLines(url);
  expect(dropped).toBeGreaterThan(0);
  expect(dropped).toBeLessThan(operations);

  started.child.stdout?.resume();
  let isWritten = false;
  const line = started.line('"After"').then(() => (isWritten = true));
  await expect
    .poll(
      async () => {
        await sendOperations(url, 1, 'After');
        return isWritten;
      },
      { timeout: 10_000 },
    )
    .toBe(true);
  await line;
  expect(await droppedLines(url)).toBeGreaterThanOrEqual(dropped);
  started.child.kill('SIGTERM');
  await started.line('SIGTERM');
  expect(await started.exitCode).toBe(0);
});

test('while the reader of the log is paused, SIGTERM ends the process in time', async () => {
  const started = startProcess(env);
  const url = await urlOf(started);
  started.child.stdout?.pause();
  await sendOperations(url, operations);
  const stoppedAt = performance.now();
  started.child.kill('SIGTERM');
  expect(await started.exitCode).toBe(0);
  expect(performance.now() - stoppedAt).toBeLessThan(3000);
});

test('a reader that closes the log ends neither the server nor an operation', async () => {
  const started = startProcess(env);
  const url = await urlOf(started);
  started.child.stdout?.destroy();
  expect(await sendOperations(url, 100)).toEqual({ 200: 100 });
  await expect.poll(() => droppedLines(url)).toBe(100);
  started.child.kill('SIGTERM');
  expect(await started.exitCode).toBe(0);
});

const node = `exec '${process.execPath}' src/main.ts`;

test('on a full disk, operations are answered and the lines are counted as dropped', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const url = `http://127.0.0.1:${port}/graphql`;
  const started = startProcess(
    { ...env, PORT: String(port) },
    { command: ['/bin/sh', '-c', `${node} >/dev/full`] },
  );
  const isReady = () => statusOf(url, '/readyz').catch(() => 0);
  await expect.poll(isReady, { timeout: 10_000 }).toBe(200);
  expect(await sendOperations(url, 100)).toEqual({ 200: 100 });
  // The start line is the 101st.
  await expect.poll(() => droppedLines(url)).toBe(101);
  started.child.kill('SIGTERM');
  expect(await started.exitCode).toBe(0);
});

/** The program that runs a command on a terminal. */
const hasTerminal = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;

test.skipIf(!hasTerminal)(
  'while a terminal is paused, all operations are answered and SIGTERM ends the process in time',
  async () => {
    const command = `echo "pid $$"; ${node}`;
    const started = startProcess(
      { ...env, TERM: 'dumb', NO_COLOR: '1' },
      { command: ['script', '-qfec', command, '/dev/null'] },
    );
    const pid = Number(/\d+/.exec(await started.line('pid '))?.[0]);
    const url = /http:\S+/.exec(await started.line('Serving '))?.[0] ?? '';
    started.child.stdout?.pause();
    expect(await sendOperations(url, operations)).toEqual({ 200: operations });
    expect(await statusOf(url, '/healthz')).toBe(200);
    expect(await droppedLines(url)).toBeGreaterThan(0);
    const stoppedAt = performance.now();
    process.kill(pid, 'SIGTERM');
    const isAlive = () =>
      statusOf(url, '/healthz').then(
        () => true,
        () => false,
      );
    await expect.poll(isAlive).toBe(false);
    const exists = () => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    };
    started.child.stdout?.resume();
    await expect.poll(exists).toBe(false);
    expect(performance.now() - stoppedAt).toBeLessThan(3000);
  },
);
