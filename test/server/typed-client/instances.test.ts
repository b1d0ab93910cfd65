import { createClient } from 'enviaai-graphql/client';
import { expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { start } from '#test/support/start.ts';

const wholeList = 'GET /instances?status=all&limit=100&offset=0';

test('a list has its rows, cost and age', async () => {
  const clock = createTestClock();
  const server = await start({ clock });
  const client = createClient({ url: server.url, token: 'test' });

  const list = await client.instances.list();

  expect(list.data.map(({ name, status }) => [name, status])).toEqual([
    ['Sales WhatsApp', 'connected'],
    ['Support WhatsApp', 'connected'],
    ['Marketing WhatsApp', 'disconnected'],
  ]);
  expect(list).toMatchObject({
    totalCount: 3,
    pageInfo: { hasNextPage: false, hasPreviousPage: false },
    calls: 1,
    asOf: new Date(clock.now()).toISOString(),
    stale: false,
    remaining: 999,
    errors: [],
  });
  expect(server.calls()).toEqual([wholeList]);
});

test('a list can be filtered by status, and paged forwards and backwards', async () => {
  const server = await start({ instances: 250, clock: createTestClock() });
  const { list } = createClient({ url: server.url, token: 'test' }).instances;

  const first = await list({ status: 'disconnected', first: 10 });
  const second = await list({
    status: 'disconnected',
    first: 10,
    after: first.pageInfo.endCursor,
  });
  const back = await list({
    status: 'disconnected',
    last: 10,
    before: second.pageInfo.startCursor,
  });

  expect(new Set([...first.data, ...second.data].map(({ id }) => id)).size).toBe(20);
  expect(first.data.every(({ status }) => status === 'disconnected')).toBe(true);
  expect(back.data).toEqual(first.data);
  expect(server.calls()).toEqual(['GET /instances?status=disconnected&limit=100&offset=0']);
});

test('get reads one complete instance with one call; an unknown id is null', async () => {
  const server = await start();
  const { get } = createClient({ url: server.url, token: 'test' }).instances;

  expect(await get('inst_abc123')).toEqual({
    id: 'inst_abc123',
    name: 'Sales WhatsApp',
    phone: '5511999999999',
    status: 'connected',
    profileName: 'Sales Team',
    profilePicUrl: 'https://pps.whatsapp.net/v/t61.24694-24/...',
    createdAt: '2026-01-01T10:00:00.000Z',
    lastSeenAt: '2026-02-03T12:00:00.000Z',
    webhookUrl: 'https://myapp.com/webhooks/whatsapp',
    settings: {
      autoRead: false,
      autoTyping: true,
      webhookUrl: 'https://myapp.com/webhooks/whatsapp',
      webhookEvents: null,
    },
    calls: 1,
    asOf: expect.any(String),
    stale: false,
    remaining: 999,
    errors: [],
  });
  expect(server.calls()).toEqual(['GET /instances/inst_abc123']);
  expect(await get('inst_none')).toBeNull();
  expect(await get('')).toBeNull();
});

test('all() reads each of 1000 instances once, with 11 calls', async () => {
  const server = await start({ instances: 1000, clock: createTestClock() });
  const client = createClient({ url: server.url, token: 'test' });

  const ids: string[] = [];
  for await (const { id } of client.instances.all()) ids.push(id);

  expect(ids).toHaveLength(1000);
  expect(new Set(ids).size).toBe(1000);
  const offsets = Array.from({ length: 11 }, (_, index) => index * 90);
  expect(server.calls()).toEqual(
    offsets.map((offset) => `GET /instances?status=all&limit=100&offset=${offset}`),
  );
});

test('pages() of one status has no other status, and each page has its cost', async () => {
  const server = await start({ instances: 250, clock: createTestClock() });
  const { pages, list } = createClient({ url: server.url, token: 'test' }).instances;
  const { totalCount } = await list({ status: 'connected' });

  const costs: number[] = [];
  const statuses: string[] = [];
  for await (const page of pages({ status: 'connected' })) {
    costs.push(page.calls);
    statuses.push(...page.data.map(({ status }) => status));
  }

  expect(statuses).toEqual(Array.from({ length: totalCount }, () => 'connected'));
  expect(costs).toEqual([0, 1]);
  expect(server.calls()).toHaveLength(2);
});

test('all() sends no more calls after the loop is left', async () => {
  const server = await start({ instances: 1000, clock: createTestClock() });
  for await (const _ of createClient({ url: server.url, token: 'test' }).instances.all()) break;
  expect(server.calls()).toHaveLength(1);
});

test('fresh: true skips the cache of the server', async () => {
  const server = await start({ clock: createTestClock() });
  const { list } = createClient({ url: server.url, token: 'test' }).instances;
  await list();
  expect(await list()).toMatchObject({ calls: 0 });
  expect(await list({ fresh: true })).toMatchObject({ calls: 1 });
  expect(server.calls()).toEqual([wholeList, wholeList]);
});

test('a token function is called for each request, and may be asynchronous', async () => {
  const server = await start({ clock: createTestClock() });
  let count = 0;
  const client = createClient({ url: server.url, token: () => `caller${++count}` });
  await client.instances.list();
  await client.instances.list();
  await createClient({ url: server.url, token: async () => 'caller3' }).instances.list();
  expect(['caller1', 'caller2', 'caller3'].map((key) => server.calls(key))).toEqual([
    [wholeList],
    [wholeList],
    [wholeList],
  ]);
});
