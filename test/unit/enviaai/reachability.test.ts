import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { createReachability } from '#src/enviaai/reachability.ts';

/** An upstream that can be taken down, a clock, and the attempts that were made. */
function simulate(baseUrl = 'http://upstream.example:8080/v1') {
  let up = true;
  let now = 0;
  let tick = () => {};
  const attempts: string[] = [];
  const reachability = createReachability({
    baseUrl: new URL(baseUrl),
    now: () => now,
    connect: async ({ host, port }) => {
      attempts.push(`${now}: ${host} ${port}`);
      if (!up) throw new Error('refused');
    },
    every: (_, call) => {
      tick = call;
      return () => {};
    },
  });
  return {
    reachability,
    attempts,
    setUp: (is: boolean) => {
      up = is;
    },
    /** Lets five seconds pass, and what they bring happen. */
    wait: async () => {
      now += 5000;
      tick();
      await new Promise(setImmediate);
    },
    pass: (ms: number) => {
      now += ms;
    },
  };
}

test('it is known from the start, and every 5 s, without any traffic', async () => {
  const { reachability, attempts, setUp, wait } = simulate();
  await reachability.start();
  expect(reachability.last()).toBe('reachable');
  setUp(false);
  await wait();
  expect(reachability.last()).toBe('unreachable');
  setUp(true);
  await wait();
  expect(reachability.last()).toBe('reachable');
  const where = 'upstream.example 8080';
  expect(attempts).toEqual([`0: ${where}`, `5000: ${where}`, `10000: ${where}`]);
});

test('while calls tell, no connection is tried', async () => {
  const { reachability, attempts, wait, pass } = simulate();
  await reachability.start();
  pass(-1);
  await wait();
  reachability.report('unreachable');
  pass(-1);
  await wait();
  expect(reachability.last()).toBe('unreachable');
  expect(attempts).toHaveLength(1);
});

test.each([
  ['https://api.enviaai.app/v1', 'api.enviaai.app 443'],
  ['http://[::1]/v1', '::1 80'],
])('the port is the one of the URL: %s', async (baseUrl, where) => {
  const { reachability, attempts } = simulate(baseUrl);
  await reachability.start();
  expect(attempts).toEqual([`0: ${where}`]);
});

test('a real upstream is reachable until it is closed', async () => {
  const server = createServer((socket) => socket.resume());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const baseUrl = new URL(`http://127.0.0.1:${port}`);

  const reachability = createReachability({ baseUrl });
  await reachability.start();
  expect(reachability.last()).toBe('reachable');
  reachability.stop();
  server.close();
  await once(server, 'close');

  const later = createReachability({ baseUrl });
  await later.start();
  expect(later.last()).toBe('unreachable');
  later.stop();
});
