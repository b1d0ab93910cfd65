import { expect, test } from 'vitest';
import type { UpstreamHandler } from '#test/support/upstream.ts';
import {
  expectTold,
  expectWell,
  list,
  rowsOf,
  single,
  startBehind,
  vendorOf,
} from '#test/support/faults/faulty.ts';

const env = { REQUEST_TIMEOUT_MS: '300', FRESH_MS: '0' };
const lateMs = 2000;

/** An upstream that answers nothing, and counts the calls that were broken off. */
function hanging() {
  const broken: string[] = [];
  const held: Parameters<UpstreamHandler>[] = [];
  const handler: UpstreamHandler = (request, response) => {
    held.push([request, response]);
    response.on('close', () => {
      if (!response.writableFinished) broken.push(request.url ?? '');
    });
  };
  const letGo = () => {
    for (const [request, response] of held) void vendorOf(rowsOf(3))(request, response);
  };
  return { handler, broken, held, letGo };
}

test.for([list, single])(
  'an operation ends by its deadline, and takes its call along: %s',
  async (ask) => {
    const { handler, broken } = hanging();
    const server = await startBehind(handler, { env });
    const startedAt = performance.now();
    expectTold(await server.query(ask), { code: 'UPSTREAM_TIMEOUT' });
    expect(performance.now() - startedAt).toBeLessThan(lateMs);
    await expect.poll(() => broken).toHaveLength(1);
    await expectWell(server);
  },
);

test('second attempts do not outlast the deadline', async () => {
  const server = await startBehind(
    (_, response) => {
      setTimeout(() => response.writeHead(503).end(), 200);
    },
    { env },
  );
  const startedAt = performance.now();
  expectTold(await server.query(list), { code: 'UPSTREAM_TIMEOUT' });
  expect(performance.now() - startedAt).toBeLessThan(lateMs);
  expect(server.upstream.calls.length).toBeLessThanOrEqual(2);
  await expectWell(server);
});

test('one call may take its own time only, however long the operation has', async () => {
  const { handler } = hanging();
  const server = await startBehind(handler, { env: { ENVIAAI_TIMEOUT_MS: '100' } });
  const startedAt = performance.now();
  expectTold(await server.query(list), { code: 'UPSTREAM_TIMEOUT' });
  expect(performance.now() - startedAt).toBeLessThan(lateMs);
});

test('who waits for its turn behind hanging calls waits no longer than its deadline', async () => {
  const { handler } = hanging();
  const server = await startBehind(handler, { env });
  const startedAt = performance.now();
  const answers = await Promise.all(
    rowsOf(100).map(({ id }) => server.query(`{ instance(id: "${String(id)}") { id } }`)),
  );
  for (const answer of answers) expectTold(answer, { code: 'UPSTREAM_TIMEOUT' });
  expect(performance.now() - startedAt).toBeLessThan(2 * lateMs);
  await expectWell(server);
});

test('a budget that comes back in 2 seconds is not waited for beyond the deadline', async () => {
  const server = await startBehind(
    (_, response) => {
      response.writeHead(429).end('{"error":{"code":"rate_limit_exceeded","retryAfter":2}}');
    },
    { env },
  );
  expectTold(await server.query(list), { code: 'RATE_LIMITED', retryAfter: 2 });
  const startedAt = performance.now();
  const { errors } = await server.query(list);
  expect(errors?.[0]?.extensions['code']).toMatch(/^(RATE_LIMITED|UPSTREAM_TIMEOUT)$/);
  expect(performance.now() - startedAt).toBeLessThan(lateMs);
  expect(server.upstream.calls).toHaveLength(1);
});

const ask = (url: string, signal: AbortSignal, query = list) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer test' },
    body: JSON.stringify({ query }),
    signal,
  });

test('a client that goes away takes along the call that only it waited for', async () => {
  const { handler, broken, held } = hanging();
  const server = await startBehind(handler);
  const client = new AbortController();
  const answer = ask(server.url, client.signal);
  await expect.poll(() => held).toHaveLength(1);
  client.abort();
  await expect(answer).rejects.toThrow();
  await expect.poll(() => broken).toHaveLength(1);
  await expectWell(server);
});

test('a client that goes away leaves the call to the others who wait for it', async () => {
  const { handler, broken, held, letGo } = hanging();
  const server = await startBehind(handler);
  const [leaving, staying] = [new AbortController(), new AbortController()];
  const left = ask(server.url, leaving.signal).catch(() => 'left');
  await expect.poll(() => held).toHaveLength(1);
  const stays = ask(server.url, staying.signal, '{ instances { totalCount } }');
  // Its own list, which nobody else waits for, shows that it has been seen to come and go.
  const other = ask(server.url, leaving.signal, '{ instance(id: "inst_2") { id } }').catch(
    () => 'left',
  );
  await expect.poll(() => held).toHaveLength(2);
  leaving.abort();
  expect(await Promise.all([left, other])).toEqual(['left', 'left']);
  await expect.poll(() => broken).toEqual(['/instances/inst_2']);
  letGo();
  const { data } = await (await stays).json();
  expect(data.instances.totalCount).toBe(3);
  expect(server.upstream.calls).toHaveLength(2);
});
