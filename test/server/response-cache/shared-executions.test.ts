import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { figure } from '#test/support/budget/figure.ts';
import { createTestClock } from '#test/support/clock.ts';
import { startGated } from '#test/support/freshness/gate.ts';
import { fullList, noCache } from '#test/support/response-cache/caching-server.ts';
import type { Answer, StartOptions } from '#test/support/start.ts';

const key = 'test';
const joined = 'enviaai_operations_joined_total';
const executions = 'enviaai_executions_total';
const list = '{ instances { nodes { status } } }';

async function startSharing(options: StartOptions = {}) {
  const clock = createTestClock();
  const server = await startGated({ ...options, clock });
  const change = (status: 'connected' | 'disconnected') =>
    server.sandbox.control.status({ key, id: 'inst_abc123', status });
  return { ...server, clock, change };
}

/** Sends an operation on a connection of its own. */
function ask(url: string, id: string, agent?: Agent) {
  const asking = request(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${key}`,
      'x-request-id': id,
    },
    ...(agent && { agent }),
  });
  asking.on('error', () => {});
  asking.end(JSON.stringify({ query: fullList }));
  return asking;
}

test('1000 clients that ask the same at the moment of a refresh cost one call and one execution, and all are answered', async () => {
  const server = await startSharing();
  await server.query(fullList);
  server.sandbox.control.add({ key });
  server.clock.advance(2001);
  server.shut();
  const before = await figure(server, executions);
  const agent = new Agent({ keepAlive: false });
  const ids = Array.from({ length: 1000 }, (_, index) => `client-${index}`);
  const answers = ids.map(async (id) => {
    const [response] = await once(ask(server.url, id, agent), 'response');
    return { id: response.headers['x-request-id'], answer: (await json(response)) as Answer };
  });
  await expect.poll(() => figure(server, joined), { timeout: 20_000 }).toBe(999);
  expect(server.held()).toBe(1);
  server.open();

  const all = await Promise.all(answers);
  const asOf = new Date(server.clock.now()).toISOString();
  for (const [index, { id, answer }] of all.entries()) {
    expect(id).toBe(ids[index]);
    expect(answer).toMatchObject({
      data: { instances: { totalCount: 4 } },
      extensions: { enviaai: { asOf, stale: false } },
    });
  }
  const calls = all.map(({ answer }) => answer.extensions?.enviaai?.calls);
  expect(calls.filter((count) => count !== 0)).toEqual([1]);
  expect(server.calls()).toHaveLength(2);
  expect((await figure(server, executions)) - before).toBe(1);
  expect(await figure(server, 'enviaai_operations_total{operation="Everything",code="OK"}')).toBe(
    1001,
  );
  expect(await figure(server, 'enviaai_upstream_calls_saved_total{by="in_flight"}')).toBe(999);
  for (const id of ids) {
    expect(server.log.filter((line) => line.includes(`"requestId":"${id}"`))).toHaveLength(1);
  }
}, 60_000);

test('requests that differ in a variable, in Cache-Control or in their key share no execution', async () => {
  const server = await startSharing();
  server.shut();
  const asking = [
    server.query(fullList, { first: 1 }),
    server.query(fullList, { first: 2 }),
    server.query(fullList, { first: 2 }, noCache),
    server.query(fullList, { first: 2 }, { authorization: 'Bearer other' }),
  ];
  await expect.poll(() => figure(server, executions)).toBe(4);
  await expect.poll(() => server.held()).toBe(2);
  server.open();
  const answers = await Promise.all(asking);
  expect(answers.map(({ data }) => data.instances.edges.length)).toEqual([1, 2, 2, 2]);
  expect(await figure(server, joined)).toBe(0);
  expect([server.calls(), server.calls('other')].map(({ length }) => length)).toEqual([1, 1]);
});

test('with FRESH_MS=0, an operation joins a call in flight, and sees what the call returns', async () => {
  const server = await startSharing({ env: { FRESH_MS: '0' } });
  server.shut();
  const first = server.query(list);
  await expect.poll(() => server.held()).toBe(1);
  const second = server.query(list);
  await expect.poll(() => figure(server, joined)).toBe(1);
  server.change('disconnected');
  server.open();
  for (const { data } of await Promise.all([first, second])) {
    expect(data.instances.nodes[0]).toEqual({ status: 'DISCONNECTED' });
  }
  expect(server.calls()).toEqual(['GET /instances?status=all&limit=100&offset=0']);
});

test('with FRESH_MS=0, an operation does not join one that has read a page before it began', async () => {
  const server = await startSharing({ env: { FRESH_MS: '0' }, instances: 300 });
  const both = `{ instances(first: 1) { nodes { status } } instance(id: "none") { id } }`;
  server.shut();
  const first = server.query(both);
  await expect.poll(() => server.held()).toBe(1);
  server.answerOne();
  // The first has read the list, and looks for the id.
  await expect.poll(() => server.calls().length + server.held()).toBeGreaterThan(1);
  server.change('disconnected');
  const second = server.query(both);
  await expect.poll(() => figure(server, executions)).toBe(2);
  server.open();
  const [{ data: old }, { data: changed }] = await Promise.all([first, second]);
  expect(old.instances.nodes).toEqual([{ status: 'CONNECTED' }]);
  expect(changed.instances.nodes).toEqual([{ status: 'DISCONNECTED' }]);
  expect(await figure(server, joined)).toBe(0);
});

test('an operation does not join one that began before a newer page was cached', async () => {
  const server = await startSharing();
  const two = `{ instances { nodes { status } } connecting: instances(status: CONNECTING) { totalCount } }`;
  await server.query(list);
  server.change('disconnected');
  server.shut();
  // Its list is cached, and the other one is not.
  const first = server.query(two);
  await expect.poll(() => server.held()).toBe(1);
  const newer = server.query(list, {}, noCache);
  await expect.poll(() => server.held()).toBe(2);
  server.answerOne(1);
  expect((await newer).data.instances.nodes[0]).toEqual({ status: 'DISCONNECTED' });
  const second = server.query(two);
  await expect.poll(() => figure(server, executions)).toBe(4);
  server.open();
  expect((await first).data.instances.nodes[0]).toEqual({ status: 'CONNECTED' });
  expect((await second).data.instances.nodes[0]).toEqual({ status: 'DISCONNECTED' });
  expect(server.calls()).toHaveLength(3);
});

test('the first client can disconnect: the others get the response, and the call is reported once', async () => {
  const server = await startSharing({ env: { FRESH_MS: '0' } });
  server.shut();
  const gone = ask(server.url, 'gone');
  await expect.poll(() => server.held()).toBe(1);
  const others = [server.query(fullList), server.query(fullList)];
  await expect.poll(() => figure(server, joined)).toBe(2);
  gone.destroy();
  await expect
    .poll(() => server.log.filter((line) => line.includes('"status":499')).length)
    .toBe(1);
  server.open();
  const answers = await Promise.all(others);
  expect(answers.map(({ data }) => data.instances.totalCount)).toEqual([3, 3]);
  const line = server.log.find((each) => each.includes('"status":499')) ?? '';
  const reported = answers.map(({ extensions }) => extensions?.enviaai?.calls ?? 0);
  expect([JSON.parse(line).calls, ...reported]).toEqual([1, 0, 0]);
  expect(server.calls()).toHaveLength(1);
});

test('each client gets a timeout at its deadline, and the last one ends the call', async () => {
  const server = await startSharing({ env: { REQUEST_TIMEOUT_MS: '2000' } });
  server.shut();
  const asking = [server.query(list)];
  await expect.poll(() => server.held()).toBe(1);
  asking.push(server.query(list), server.query(list));
  await expect.poll(() => figure(server, joined)).toBe(2);
  for (const { errors } of await Promise.all(asking)) {
    expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_TIMEOUT' } }]);
  }
  server.open();
  expect((await server.query(list)).data.instances.nodes).toHaveLength(3);
  // The gate passes the call on after it was ended.
  expect(server.calls()).toHaveLength(2);
});

test('clients that share an execution share its error and the call that failed', async () => {
  const server = await startSharing();
  server.sandbox.control.fail({ key, status: 500, times: 1 });
  server.shut();
  const asking = [server.query(list)];
  await expect.poll(() => server.held()).toBe(1);
  asking.push(server.query(list), server.query(list));
  await expect.poll(() => figure(server, joined)).toBe(2);
  server.open();
  for (const { errors, headers } of await Promise.all(asking)) {
    expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_ERROR' } }]);
    expect(headers.get('cache-control')).toBe('no-store');
  }
  expect(server.calls()).toHaveLength(1);
});
