import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { startProcess, urlOf } from './start-process.ts';

/** An upstream that answers when a test says so, and says when it was asked. */
async function startSlowUpstream(expected: number) {
  const held: ServerResponse[] = [];
  const asked = Promise.withResolvers<void>();
  const server = createServer((_, response) => {
    held.push(response);
    if (held.length === expected) asked.resolve();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as { port: number };
  const page = {
    data: { instances: [], pagination: { total: 0, limit: 100, offset: 0, hasMore: false } },
  };
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    asked: asked.promise,
    answer: () => {
      for (const response of held) {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ success: true, ...page }));
      }
    },
  };
}

const ask = (url: string, key: number) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer key${key}` },
    body: JSON.stringify({ query: '{ instances { totalCount } }' }),
  });

test.each(['SIGTERM', 'SIGINT'] as const)(
  'after %s a hundred of a hundred requests are finished, nobody comes in, and it exits with 0',
  async (signal) => {
    const upstream = await startSlowUpstream(100);
    const started = startProcess({ ENVIAAI_BASE_URL: upstream.baseUrl });
    const url = await urlOf(started);
    const answers = Array.from({ length: 100 }, (_, key) => ask(url, key));
    await upstream.asked;

    started.child.kill(signal);
    await started.line(signal);
    await expect(fetch(url)).rejects.toThrow();
    upstream.answer();

    const statuses = await Promise.all(answers.map(async (answer) => (await answer).status));
    expect(statuses).toEqual(statuses.map(() => 200));
    expect(await started.ended).toBe(0);
  },
);

test('it does not wait longer than one operation may take', async () => {
  const upstream = await startSlowUpstream(1);
  const started = startProcess({
    ENVIAAI_BASE_URL: upstream.baseUrl,
    REQUEST_TIMEOUT_MS: '100',
    ENVIAAI_TIMEOUT_MS: '60000',
  });
  const answer = ask(await urlOf(started), 1).catch(() => null);
  await upstream.asked;
  const stoppedAt = performance.now();
  started.child.kill('SIGTERM');
  expect(await started.ended).toBe(0);
  expect(performance.now() - stoppedAt).toBeLessThan(3000);
  await answer;
});

test('a second signal ends it at once', async () => {
  const upstream = await startSlowUpstream(1);
  const started = startProcess({ ENVIAAI_BASE_URL: upstream.baseUrl });
  const answer = ask(await urlOf(started), 1).catch(() => null);
  await upstream.asked;
  started.child.kill('SIGTERM');
  await started.line('SIGTERM');
  started.child.kill('SIGTERM');
  expect(await started.ended).toBe(1);
  expect(await answer).toBeNull();
});

test('after a fault it finishes what has begun, says what happened, and exits with 1', async () => {
  const upstream = await startSlowUpstream(1);
  const fault = btoa('process.on("SIGUSR2", () => { throw new Error("a fault"); });');
  const started = startProcess({
    ENVIAAI_BASE_URL: upstream.baseUrl,
    NODE_OPTIONS: `--import=data:text/javascript;base64,${fault}`,
  });
  const answer = ask(await urlOf(started), 1);
  await upstream.asked;
  started.child.kill('SIGUSR2');
  expect(JSON.parse(await started.line('fatal'))).toMatchObject({
    level: 'fatal',
    stack: expect.stringContaining('a fault'),
  });
  upstream.answer();
  expect((await answer).status).toBe(200);
  expect(await started.ended).toBe(1);
});
