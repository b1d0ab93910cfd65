import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { createReachability } from '#src/enviaai/reachability.ts';
import { createTestClock } from '#test/support/clock.ts';

/** An upstream that can be taken down, a clock, and the probes that were sent. */
function simulate(baseUrl = 'http://upstream.example:8080/v1') {
  const clock = createTestClock(0);
  let isUp = true;
  const probes: string[] = [];
  const reachability = createReachability({
    ...clock,
    baseUrl: new URL(baseUrl),
    connect: async ({ host, port }) => {
      probes.push(`${clock.now()}: ${host} ${port}`);
      if (!isUp) throw new Error('refused');
    },
  });
  return {
    reachability,
    probes,
    setUp: (next: boolean) => {
      isUp = next;
    },
    /** Also waits for the probe that the timer started. */
    advance: async (ms: number) => {
      clock.advance(ms);
      await new Promise(setImmediate);
    },
  };
}

test('without traffic the state is known at start, and updated every 5 s', async () => {
  const { reachability, probes, setUp, advance } = simulate();
  await reachability.start();
  expect(reachability.state()).toBe('reachable');
  setUp(false);
  await advance(5000);
  expect(reachability.state()).toBe('unreachable');
  setUp(true);
  await advance(5000);
  expect(reachability.state()).toBe('reachable');
  const where = 'upstream.example 8080';
  expect(probes).toEqual([`0: ${where}`, `5000: ${where}`, `10000: ${where}`]);
});

test('no probe is sent in the 5 s after a call', async () => {
  const { reachability, probes, advance } = simulate();
  await reachability.start();
  await advance(1);
  reachability.report('unreachable');
  await advance(4999);
  expect(reachability.state()).toBe('unreachable');
  expect(probes).toHaveLength(1);
  await advance(5000);
  expect(probes).toHaveLength(2);
});

test('no probe is sent after the end', async () => {
  const { reachability, probes, advance } = simulate();
  await reachability.start();
  reachability.stop();
  await advance(5000);
  expect(probes).toHaveLength(1);
});

test.each([
  ['https://api.enviaai.app/v1', 'api.enviaai.app 443'],
  ['http://[::1]/v1', '::1 80'],
])('the port is that of the URL: %s', async (baseUrl, where) => {
  const { reachability, probes } = simulate(baseUrl);
  await reachability.start();
  expect(probes).toEqual([`0: ${where}`]);
});

test('a real upstream is reachable until it is closed', async () => {
  const server = createServer((socket) => socket.resume());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const baseUrl = new URL(`http://127.0.0.1:${port}`);

  const reachability = createReachability({ baseUrl });
  await reachability.start();
  expect(reachability.state()).toBe('reachable');
  reachability.stop();
  server.close();
  await once(server, 'close');

  const later = createReachability({ baseUrl });
  await later.start();
  expect(later.state()).toBe('unreachable');
  later.stop();
});
