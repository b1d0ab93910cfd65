import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test, vi } from 'vitest';
import { startHttp } from '#test/support/http/start-http.ts';

/**
 * A server whose operations wait for `open`. `arrived` resolves when the expected number of them
 * waits.
 */
async function startGated(expected: number) {
  const gate = Promise.withResolvers<string>();
  const arrived = Promise.withResolvers<void>();
  let waiting = 0;
  const http = await startHttp({
    contextOf: (request) => {
      waiting += 1;
      if (waiting === expected) arrived.resolve();
      return { request, gate: gate.promise };
    },
  });
  return { ...http, open: () => gate.resolve('opened'), arrived: arrived.promise };
}

test('a shutdown finishes a hundred of a hundred operations in progress', async () => {
  const { post, close, open, arrived } = await startGated(100);
  const answers = Array.from({ length: 100 }, () => post({ query: '{ wait }' }));
  await arrived;
  const closed = close(10_000);
  open();
  for (const answer of answers) {
    const response = await answer;
    expect(response.headers.get('connection')).toBe('close');
    expect(await response.json()).toEqual({ data: { wait: 'opened' } });
  }
  await closed;
});

test('connections that end together are looked for together', async () => {
  const { server, post, close, open, arrived } = await startGated(50);
  const answers = Array.from({ length: 50 }, () => post({ query: '{ wait }' }));
  await arrived;
  const looks = vi.spyOn(server, 'closeIdleConnections');
  const closed = close(10_000);
  open();
  await Promise.all(answers);
  await closed;
  // Each look takes as long as there are connections.
  expect(looks.mock.calls.length).toBeLessThan(25);
});

test('a shutdown accepts no new connections, and closes idle ones', async () => {
  const { post, close, open, arrived, port, origin } = await startGated(1);
  const agent = new Agent({ keepAlive: true });
  const idle = httpRequest({ host: '127.0.0.1', port, path: '/healthz', agent }).end();
  const [[socket], [response]] = await Promise.all([once(idle, 'socket'), once(idle, 'response')]);
  await text(response);
  const ended = once(socket, 'close');
  const begun = post({ query: '{ wait }' });
  await arrived;

  const closed = close(10_000);

  await ended;
  await expect(fetch(`${origin}/healthz`)).rejects.toThrow();
  open();
  expect((await begun).status).toBe(200);
  await closed;
});

test('during a shutdown, /readyz returns 503 on an open connection', async () => {
  const { server, close, open, arrived, port } = await startGated(1);
  const socket = connect({ host: '127.0.0.1', port });
  const answers = text(socket);
  socket.write('GET /graphql?query={wait} HTTP/1.1\r\nhost: localhost\r\n\r\n');
  await arrived;
  const closed = close(10_000);
  socket.write('GET /readyz HTTP/1.1\r\nhost: localhost\r\n\r\n');
  await once(server, 'request');
  open();
  await closed;
  const [first = '', second = ''] = (await answers).split(/(?=HTTP\/1.1 503)/);
  expect(first).toContain('{"data":{"wait":"opened"}}');
  expect(second).toContain('{"status":"degraded","upstream":"reachable"}');
  expect(second).toMatch(/connection: close/i);
});

test('a shutdown closes the connections of operations that take too long', async () => {
  const { post, close, arrived } = await startGated(1);
  const closedEarly = expect(post({ query: '{ wait }' })).rejects.toThrow();
  await arrived;
  await close(1);
  await closedEarly;
});

test('listening on a port that is in use rejects', async () => {
  const { port } = await startHttp();
  const other = await startHttp();
  await other.close(0);
  await expect(other.listen({ host: '127.0.0.1', port })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
});

test('a rejected body that is still being sent does not delay a shutdown', async () => {
  const { post, close, server } = await startHttp();
  const answered = await post(' '.repeat(2_000_000));
  expect(answered.status).toBe(413);
  await close(10_000_000);
  expect(server.listening).toBe(false);
});
