import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { renaming, scenarios, type Turn } from '#tools/bench/scenarios.ts';
import { createMercuriusServer } from '#tools/bench/servers/baselines/mercurius.ts';
import { createProxy } from '#tools/bench/servers/baselines/proxy.ts';
import { createUsualServer } from '#tools/bench/servers/baselines/usual.ts';
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

/** The data without cursors, which differ between servers. */
const withoutCursors = (text: string): unknown =>
  JSON.parse(text, (key, value: unknown) => (/cursor$/i.test(key) ? typeof value : value)).data;

test.each(scenarios)('all servers return the same data for $name', async (scenario) => {
  const ours = await start({ instances: scenario.rows, ratePerMinute: 100_000 });
  const usual = await originOf(createUsualServer(ours.sandbox.url));
  const mercurius = await mercuriusOver(ours.sandbox.url);
  for (const turn of turns) {
    const { body } = scenario.operation(turn);
    const [expected, ...others] = await Promise.all(
      [ours.url, `${usual}/graphql`, `${mercurius}/graphql`].map(async (url) => {
        const response = await fetch(url, { method: 'POST', headers, body });
        return withoutCursors(await response.text());
      }),
    );
    expect(others).toEqual([expected, expected]);
  }
});

test('the bare proxy forwards the bytes of the REST API, of several paths one after the other', async () => {
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

test('the bare proxy forwards a change with its body', async () => {
  const { sandbox } = await start({ instances: 50 });
  const proxy = await originOf(createProxy(sandbox.url));
  const { path, patch = '' } = renaming.operation(turns[3]!);
  const sent = { method: 'PATCH', headers, body: patch };
  expect(await (await fetch(`${proxy}${path}`, sent)).json()).toMatchObject({
    data: { name: 'Line 3' },
  });
});

test('the bare proxy forwards the status of a refusal', async () => {
  const { sandbox } = await start({ ratePerMinute: 1 });
  const proxy = await originOf(createProxy(sandbox.url));
  const statusOf = async (path: string) => (await fetch(`${proxy}${path}`, { headers })).status;
  expect(await statusOf('/instances')).toBe(200);
  expect(await statusOf('/instances')).toBe(429);
  expect(await statusOf('/each?/instances/inst_abc123&/instances/inst_def456')).toBe(429);
});
