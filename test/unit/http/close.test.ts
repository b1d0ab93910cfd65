import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { startHttp } from '#test/support/http/start-http.ts';

/** A server whose operations wait until a test lets them go, and say when they have come. */
async function startGated(expected: number) {
  const gate = Promise.withResolvers<string>();
  const arrived = Promise.withResolvers<void>();
  let waiting = 0;
  const http = await startHttp({
    contextOf: (asked) => {
      waiting += 1;
      if (waiting === expected) arrived.resolve();
      return { asked, gate: gate.promise };
    },
  });
  return { ...http, open: () => gate.resolve('opened'), arrived: arrived.promise };
}

test('a hundred of a hundred operations that have begun are finished', async () => {
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

test('while it shuts down nobody new comes in, and idle connections end', async () => {
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

test('on a connection still open, it says that it is no longer ready', async () => {
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

test('what takes longer than it may is cut off', async () => {
  const { post, close, arrived } = await startGated(1);
  const cut = expect(post({ query: '{ wait }' })).rejects.toThrow();
  await arrived;
  await close(1);
  await cut;
});

test('a port that is taken is told to whoever starts the server', async () => {
  const { port } = await startHttp();
  const other = await startHttp();
  await other.close(0);
  await expect(other.listen({ host: '127.0.0.1', port })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
});

test('a body that was refused, and is still coming, holds nothing up', async () => {
  const { post, close, server } = await startHttp();
  const answered = await post(' '.repeat(2_000_000));
  expect(answered.status).toBe(413);
  await close(10_000_000);
  expect(server.listening).toBe(false);
});
