import { ClientError, GraphQLClient } from 'graphql-request';
import { expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { start } from '#test/support/start.ts';
import { callsFor250, idsOfAccount } from '#test/support/clients/account.ts';
import {
  ConnectedInstancesDocument,
  type ConnectedInstancesQuery,
  InstanceDocument,
  InstanceListDocument,
} from '#test/support/clients/documents.ts';

const clientOf = (url: string, key = 'test') =>
  new GraphQLClient(url, { headers: { authorization: `Bearer ${key}` } });

test('graphql-request walks through 250 rows, each once, for 3 calls', async () => {
  const server = await start({ instances: 250, clock: createTestClock() });
  const client = clientOf(server.url);
  const ids: (string | undefined)[] = [];

  let after: string | null | undefined;
  do {
    const { instances } = await client.request(InstanceListDocument, { first: 100, after });
    ids.push(...(instances?.edges.map(({ node }) => node?.id) ?? []));
    after = instances?.pageInfo.hasNextPage ? instances.pageInfo.endCursor : undefined;
  } while (after);

  expect(server.calls()).toEqual(callsFor250);
  expect(ids).toEqual(await idsOfAccount(server));
});

test('graphql-request reads one typed instance for one call', async () => {
  const server = await start();
  const { instance } = await clientOf(server.url).request(InstanceDocument, { id: 'inst_abc123' });
  // Each value has its exact type without a cast.
  const name: string | undefined = instance?.name;
  const seen: string | null | undefined = instance?.lastSeenAt;
  const status: 'CONNECTED' | 'DISCONNECTED' | 'CONNECTING' | 'QR_PENDING' | 'UNKNOWN' | undefined =
    instance?.status;
  expect({ name, seen, status }).toEqual({
    name: 'Sales WhatsApp',
    seen: '2026-02-03T12:00:00.000Z',
    status: 'CONNECTED',
  });
  expect(server.calls()).toEqual(['GET /instances/inst_abc123']);
});

test('graphql-request reads the connected rows of 250, each once, for 2 calls', async () => {
  const server = await start({ instances: 250, clock: createTestClock() });
  const client = clientOf(server.url);
  const rows: NonNullable<ConnectedInstancesQuery['instances']>['nodes'] = [];

  let total: number | undefined;
  let after: string | null | undefined;
  do {
    const { instances } = await client.request(ConnectedInstancesDocument, { after });
    rows.push(...(instances?.nodes ?? []));
    total = instances?.totalCount;
    after = instances?.pageInfo.hasNextPage ? instances.pageInfo.endCursor : undefined;
  } while (after);

  expect(rows).toHaveLength(total ?? 0);
  expect(new Set(rows.map(({ id }) => id)).size).toBe(total);
  expect(server.calls()).toEqual([
    'GET /instances?status=connected&limit=100&offset=0',
    'GET /instances?status=connected&limit=100&offset=90',
  ]);
});

test('graphql-request receives the error code of a rejected key', async () => {
  const server = await start();
  const asked = clientOf(server.url, 'invalid').request(InstanceListDocument, {});
  const error: unknown = await asked.catch((thrown: unknown) => thrown);
  expect(error instanceof ClientError && error.response.errors?.[0]?.extensions?.['code']).toBe(
    'UNAUTHENTICATED',
  );
});
