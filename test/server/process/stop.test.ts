import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { ask, startSlowUpstream } from '#test/support/process/slow-upstream.ts';
import { startProcess, urlOf } from '#test/support/process/start-process.ts';

test.each(['SIGTERM', 'SIGINT'] as const)(
  'after %s, the server finishes a hundred of a hundred requests, accepts no new ones and exits with 0',
  async (signal) => {
    const upstream = await startSlowUpstream(100);
    const started = startProcess({ ENVIAAI_BASE_URL: upstream.baseUrl });
    const url = await urlOf(started);
    const answers = Array.from({ length: 100 }, (_, key) => ask(url, key));
    await upstream.received;

    started.child.kill(signal);
    await started.line(signal);
    await expect(fetch(url)).rejects.toThrow();
    upstream.answer();

    const statuses = await Promise.all(answers.map(async (answer) => (await answer).status));
    expect(statuses).toEqual(statuses.map(() => 200));
    expect(await started.exitCode).toBe(0);
  },
);

test('a stop does not wait longer than REQUEST_TIMEOUT_MS', async () => {
  const upstream = await startSlowUpstream(1);
  const started = startProcess({
    ENVIAAI_BASE_URL: upstream.baseUrl,
    // Long enough that the call is sent before, also on a busy machine.
    REQUEST_TIMEOUT_MS: '1000',
    ENVIAAI_TIMEOUT_MS: '60000',
  });
  const answer = ask(await urlOf(started), 1).catch(() => null);
  await upstream.received;
  const stoppedAt = performance.now();
  started.child.kill('SIGTERM');
  expect(await started.exitCode).toBe(0);
  expect(performance.now() - stoppedAt).toBeLessThan(3000);
  await answer;
});

test('a second signal ends the process at once', async () => {
  const upstream = await startSlowUpstream(1);
  const started = startProcess({ ENVIAAI_BASE_URL: upstream.baseUrl });
  const answer = ask(await urlOf(started), 1).catch(() => null);
  await upstream.received;
  started.child.kill('SIGTERM');
  await started.line('SIGTERM');
  started.child.kill('SIGTERM');
  expect(await started.exitCode).toBe(1);
  expect(await answer).toBeNull();
});

test.each([
  ['an uncaught exception', 'throw new Error("a fault")'],
  ['an unhandled rejection', 'Promise.reject(new Error("a fault"))'],
])(
  'after %s, the server finishes the requests in progress, logs the error and exits with 1',
  async (_, how) => {
    const upstream = await startSlowUpstream(1);
    const faultyModule = btoa(`process.on("SIGUSR2", () => { ${how}; });`);
    const started = startProcess({
      ENVIAAI_BASE_URL: upstream.baseUrl,
      NODE_OPTIONS: `--import=data:text/javascript;base64,${faultyModule}`,
    });
    const answer = ask(await urlOf(started), 1);
    await upstream.received;
    started.child.kill('SIGUSR2');
    expect(JSON.parse(await started.line('fatal'))).toMatchObject({
      level: 'fatal',
      stack: expect.stringContaining('a fault'),
    });
    upstream.answer();
    expect((await answer).status).toBe(200);
    expect(await started.exitCode).toBe(1);
  },
);

test('a connection that never sent a request does not delay a stop', async () => {
  const started = startProcess({ REQUEST_TIMEOUT_MS: '60000' });
  const { port } = new URL(await urlOf(started));
  const socket = connect(Number(port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  // The server has accepted it once it has answered a later request.
  await fetch(`http://127.0.0.1:${port}/healthz`);
  started.child.kill('SIGTERM');
  expect(await started.exitCode).toBe(0);
});
