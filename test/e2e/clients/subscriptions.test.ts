import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { CombinedProtocolErrors } from '@apollo/client/errors';
import { Client, fetchExchange } from '@urql/core';
import { createClient } from 'graphql-sse';
import { expect, onTestFinished, test } from 'vitest';
import { type ChangesEvent, mergedList } from '#test/support/live/merged-list.ts';
import {
  line,
  qrCode,
  startWatched,
  type WatchedServer,
} from '#test/support/live/watched-server.ts';

const headers = { authorization: 'Bearer test' };

interface QrCodeData {
  readonly instanceQrCode: { readonly status: string; readonly outcome: string | null } | null;
}

/** What a client gets of the life of a code: it is shown, scanned, and the subscription ends. */
async function expectLife(
  server: WatchedServer,
  seen: readonly (QrCodeData | null | undefined)[],
  isComplete: () => boolean,
) {
  await expect.poll(() => seen.at(-1)?.instanceQrCode?.status).toBe('QR_PENDING');
  await server.pass(13_000, 1000);
  expect(isComplete()).toBe(false);
  server.control.scan({ key: 'test', id: line });
  await server.pass(3000);
  await expect.poll(isComplete).toBe(true);
  expect(seen.map((data) => data?.instanceQrCode?.outcome)).toEqual([null, 'LINKED']);
}

test('Apollo Client shows the code of a line, over its HttpLink and without more', async () => {
  const server = await startWatched();
  await server.connect();
  const client = new ApolloClient({
    link: new HttpLink({ uri: server.url, headers }),
    cache: new InMemoryCache(),
  });
  const seen: (QrCodeData | null | undefined)[] = [];
  let isComplete = false;
  client.subscribe<QrCodeData>({ query: gql(qrCode), variables: { id: line } }).subscribe({
    next: ({ data }) => void seen.push(data),
    complete: () => (isComplete = true),
  });
  await expectLife(server, seen, () => isComplete);
});

test('Apollo Client reports that the server stops, with the time to wait', async () => {
  const server = await startWatched({ random: () => 0 });
  const client = new ApolloClient({
    link: new HttpLink({ uri: server.url, headers }),
    cache: new InMemoryCache(),
  });
  const errors: unknown[] = [];
  let events = 0;
  client.subscribe<QrCodeData>({ query: gql(qrCode), variables: { id: line } }).subscribe({
    next({ error }) {
      events += 1;
      if (error) errors.push(error);
    },
  });
  await expect.poll(() => events).toBe(1);
  await server.close();
  await expect.poll(() => errors).toHaveLength(1);
  const [error] = errors;
  expect(CombinedProtocolErrors.is(error) && error.errors[0]?.extensions).toEqual({
    code: 'STREAM_ENDED',
    reason: 'SHUTDOWN',
    retryAfter: 1,
  });
});

test('urql shows the code of a line, over its fetchExchange and without more', async () => {
  const server = await startWatched();
  await server.connect();
  const client = new Client({
    url: server.url,
    fetchOptions: { headers },
    fetchSubscriptions: true,
    exchanges: [fetchExchange],
  });
  const seen: (QrCodeData | null | undefined)[] = [];
  const subscription = client
    .subscription<QrCodeData>(qrCode, { id: line })
    .subscribe(({ data }) => void (data && seen.push(data)));
  onTestFinished(() => subscription.unsubscribe());
  await expect.poll(() => seen.at(-1)?.instanceQrCode?.status).toBe('QR_PENDING');
  server.control.scan({ key: 'test', id: line });
  await server.pass(3000);
  await expect.poll(() => seen.map((data) => data?.instanceQrCode?.outcome)).toContain('LINKED');
});

const list = `subscription Instances {
  instances { complete changed { id status } gone }
}`;
interface ListData {
  readonly instances: ChangesEvent | null;
}

interface Screen {
  readonly show: (data: ListData | null | undefined) => void;
  readonly fail?: (error: unknown) => void;
  readonly fetch?: typeof fetch;
}

/** How a client follows a list. Each returns the function that ends it. */
type Follow = (url: string, screen: Screen) => () => void;

const apollo: Follow = (uri, { show, fail, ...platform }) => {
  const client = new ApolloClient({
    link: new HttpLink({ uri, headers, ...platform }),
    cache: new InMemoryCache(),
  });
  const subscription = client.subscribe<ListData>({ query: gql(list) }).subscribe({
    next({ data, error }) {
      show(data);
      if (error) fail?.(error);
    },
  });
  return () => subscription.unsubscribe();
};
const urql: Follow = (url, { show, fail, ...platform }) => {
  const options = { fetchOptions: { headers }, fetchSubscriptions: true, ...platform };
  const client = new Client({ url, ...options, exchanges: [fetchExchange] });
  const subscription = client.subscription<ListData>(list, {}).subscribe(({ data, error }) => {
    show(data);
    if (error) fail?.(error);
  });
  return () => subscription.unsubscribe();
};
const graphqlSse: Follow = (url, { show, fail = () => {}, fetch: fetchFn }) => {
  const retry = async () => {};
  const client = createClient({ url, headers, retry, ...(fetchFn && { fetchFn }) });
  const next = ({ data }: { data?: ListData | null }) => show(data);
  return client.subscribe<ListData>({ query: list }, { next, error: fail, complete() {} });
};

/** A `fetch` whose responses can be cut. */
function createNetwork() {
  const cuts: AbortController[] = [];
  const send: typeof fetch = (input, init) => {
    const cut = new AbortController();
    cuts.push(cut);
    const signals = init?.signal ? [init.signal, cut.signal] : [cut.signal];
    return fetch(input, { ...init, signal: AbortSignal.any(signals) });
  };
  return {
    fetch: send,
    cut: () => cuts.at(-1)?.abort(new TypeError('terminated')),
    requests: () => cuts.length,
  };
}

test.each([
  ['Apollo Client', apollo],
  ['urql', urql],
  ['graphql-sse', graphqlSse],
])('%s has the list at once, and each change, and leaves no stream behind', async (_, follow) => {
  const server = await startWatched();
  const events: ChangesEvent[] = [];
  const leave = follow(server.url, {
    show: (data) => void (data?.instances && events.push(data.instances)),
  });
  await expect.poll(() => events).toHaveLength(1);
  server.control.status({ key: 'test', id: line, status: 'connected' });
  await server.pass(4000);
  await expect.poll(() => events).toHaveLength(2);
  server.control.remove({ key: 'test', id: 'inst_abc123' });
  await server.pass(4000);
  await expect.poll(() => events).toHaveLength(3);
  expect([...mergedList(events)]).toEqual([
    ['inst_def456', 'CONNECTED'],
    [line, 'CONNECTED'],
  ]);

  leave();
  const metrics = async () => (await fetch(new URL('/metrics', server.url))).text();
  await expect.poll(metrics).toContain('enviaai_streams_open 0\n');
});

test('graphql-sse gets the error that ends a stream, and then its end', async () => {
  const server = await startWatched({ random: () => 0 });
  const client = createClient({ url: server.url, headers });
  const results: unknown[] = [];
  const ended = new Promise<void>((complete, error) => {
    client.subscribe({ query: list }, { next: (result) => results.push(result), error, complete });
  });
  await expect.poll(() => results).toHaveLength(1);
  await server.close();
  await ended;
  expect(results[1]).toMatchObject({
    errors: [{ extensions: { code: 'STREAM_ENDED', reason: 'SHUTDOWN', retryAfter: 1 } }],
  });
});

test('graphql-sse opens a broken stream again, which begins with the whole list', async () => {
  const server = await startWatched();
  const network = createNetwork();
  const events: ChangesEvent[] = [];
  const leave = graphqlSse(server.url, {
    show: (data) => void (data?.instances && events.push(data.instances)),
    fetch: network.fetch,
  });
  onTestFinished(leave);
  await expect.poll(() => events).toHaveLength(1);
  server.control.remove({ key: 'test', id: 'inst_abc123' });
  network.cut();
  await expect.poll(network.requests).toBe(2);
  await server.pass(4000);
  await expect.poll(() => [...mergedList(events).keys()]).toEqual(['inst_def456', line]);
  expect(events.filter(({ complete }) => complete)).toHaveLength(2);
});

test.each([
  ['Apollo Client', apollo],
  ['urql', urql],
])('%s reports a broken stream, and leaves it to the screen to open another', async (_, follow) => {
  const server = await startWatched();
  const network = createNetwork();
  const events: unknown[] = [];
  const errors: unknown[] = [];
  const leave = follow(server.url, {
    show: (data) => void (data?.instances && events.push(data)),
    fail: (error) => errors.push(error),
    fetch: network.fetch,
  });
  onTestFinished(leave);
  await expect.poll(() => events).toHaveLength(1);
  network.cut();
  await expect.poll(() => errors).toHaveLength(1);
  expect(network.requests()).toBe(1);
});
