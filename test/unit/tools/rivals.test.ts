import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { scenarios, type Turn } from '#tools/bench/scenarios.ts';
import { createMercuriusServer } from '#tools/bench/servers/rivals/mercurius.ts';
import { createProxy } from '#tools/bench/servers/rivals/proxy.ts';
import { createUsualServer } from '#tools/bench/servers/rivals/usual.ts';
import { start } from '#test/support/start.ts';

const turns = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((number): Turn => ({
  number,
  worker: 0,
  step: number,
  last: null,
}));
const headers = { 'content-type': 'application/json', authorization: 'Bearer test' };

async function originOf(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function mercuriusOver(upstream: string): Promise<string> {
  const server = await createMercuriusServer(upstream);
  onTestFinished(() => server.close());
  return server.listen({ host: '127.0.0.1', port: 0 });
}

/** Cursors are each server's own. */
const withoutCursors = (text: string): unknown =>
  JSON.parse(text, (key, value: unknown) => (key === 'endCursor' ? typeof value : value)).data;

test.each(scenarios)('all servers answer $name with the same', async (scenario) => {
  const ours = await start({ instances: scenario.rows, ratePerMinute: 100_000 });
  const usual = await originOf(createUsualServer(ours.sandbox.url));
  const mercurius = await mercuriusOver(ours.sandbox.url);
  for (const turn of turns) {
    const { body } = scenario.operation(turn);
    const [own, ...others] = await Promise.all(
      [ours.url, `${usual}/graphql`, `${mercurius}/graphql`].map(async (url) => {
        const answer = await fetch(url, { method: 'POST', headers, body });
        return withoutCursors(await answer.text());
      }),
    );
    expect(others).toEqual([own, own]);
  }
});

test('the bare proxy passes on what the REST API answers, of several paths one after the other', async () => {
  const { sandbox } = await start({ instances: 30 });
  const proxy = await originOf(createProxy(sandbox.url));
  const textOf = async (url: string) => (await fetch(url, { headers })).text();
  const [list, first, second] = ['?limit=7', '/inst_abc123', '/inst_def456'].map(
    (rest) => `/instances${rest}`,
  );
  expect(await textOf(`${proxy}${list}`)).toBe(await textOf(`${sandbox.url}${list}`));
  expect(await textOf(`${proxy}/each?${first}&${second}`)).toBe(
    (await textOf(`${sandbox.url}${first}`)) + (await textOf(`${sandbox.url}${second}`)),
  );
});

test('the bare proxy passes a refusal on as one', async () => {
  const { sandbox } = await start({ ratePerMinute: 1 });
  const proxy = await originOf(createProxy(sandbox.url));
  const statusOf = async (path: string) => (await fetch(`${proxy}${path}`, { headers })).status;
  expect(await statusOf('/instances')).toBe(200);
  expect(await statusOf('/instances')).toBe(429);
  expect(await statusOf('/each?/instances/inst_abc123&/instances/inst_def456')).toBe(429);
});
