import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { CombinedProtocolErrors } from '@apollo/client/errors';
import { Client, fetchExchange } from '@urql/core';
import { expect, onTestFinished, test } from 'vitest';
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
