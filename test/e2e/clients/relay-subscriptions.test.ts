import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  Environment,
  Network,
  RecordSource,
  requestSubscription,
  Store,
  type SubscribeFunction,
} from 'relay-runtime';
import { expect, onTestFinished, test } from 'vitest';
import changes, {
  type documentsChangesSubscription,
} from '#examples/clients/relay/__generated__/documentsChangesSubscription.graphql.ts';
import { blocksFor } from '#test/support/docs/blocks.ts';
import { type ChangesEvent, mergedList } from '#test/support/live/merged-list.ts';
import { startWatched, type WatchedServer } from '#test/support/live/watched-server.ts';

const key = 'test';
const id = 'inst_abc123';

/** The function that docs/clients.md shows. */
async function documentedNetwork(): Promise<
  (url: string, token: () => string) => SubscribeFunction
> {
  const block = blocksFor('code').find(({ code }) => code.includes("from 'relay-runtime'"));
  await mkdir('.cache', { recursive: true });
  const folder = resolve(await mkdtemp('.cache/relay-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'network.ts');
  await writeFile(file, block?.code ?? '');
  const { subscribeTo } = await import(file);
  return subscribeTo;
}

/** A screen of Relay that follows the list. */
async function openScreen(server: WatchedServer, token = key) {
  const subscribeTo = await documentedNetwork();
  const noQueries = () => Promise.reject(new Error('No query is sent'));
  const environment = new Environment({
    store: new Store(new RecordSource()),
    network: Network.create(
      noQueries,
      subscribeTo(server.url, () => token),
    ),
  });
  const events: ChangesEvent[] = [];
  const errors: Error[] = [];
  const { dispose } = requestSubscription<documentsChangesSubscription>(environment, {
    subscription: changes,
    variables: {},
    onNext: (response) => void (response?.instances && events.push(response.instances)),
    onError: (error) => errors.push(error),
  });
  onTestFinished(dispose);
  const record = () => environment.getStore().getSource().get(id);
  return { events, errors, dispose, statusInStore: () => record()?.['status'] };
}

const openStreams = async ({ url }: WatchedServer) => {
  const text = await (await fetch(new URL('/metrics', url))).text();
  return Number(/^enviaai_streams_open (\d+)$/m.exec(text)?.[1]);
};

test("Relay's store shows the changes of a list, by the network layer of the documentation", async () => {
  const server = await startWatched();
  const { events, errors, dispose, statusInStore } = await openScreen(server);
  await expect.poll(() => events).toHaveLength(1);
  expect(statusInStore()).toBe('CONNECTED');
  server.control.status({ key, id, status: 'disconnected' });
  await server.pass(4000);
  await expect.poll(statusInStore).toBe('DISCONNECTED');
  server.control.remove({ key, id: 'inst_def456' });
  await server.pass(4000);
  await expect.poll(() => events).toHaveLength(3);
  expect([...mergedList(events).keys()]).toEqual([id, 'inst_ghi789']);
  expect(errors).toEqual([]);

  dispose();
  await expect.poll(() => openStreams(server)).toBe(0);
});

test('Relay subscribes again when the server has ended its stream', async () => {
  const env = { LIVE_LIFETIME_MS: '60000' };
  const server = await startWatched({ env, random: () => 0 });
  const { events, errors } = await openScreen(server);
  await expect.poll(() => events).toHaveLength(1);
  await server.pass(54_000, 1000);
  // A heartbeat, and after a second, the first event of another stream.
  await expect.poll(() => events.map(({ complete }) => complete)).toEqual([true, false, true]);
  expect(errors).toEqual([]);
});

test('Relay reports the refusal of a key', async () => {
  const { errors } = await openScreen(await startWatched(), 'invalid');
  await expect.poll(() => errors).toHaveLength(1);
  expect(errors[0]?.message).toMatch(/refused|API key|key/i);
});
