import { expect, test } from 'vitest';
import type { Page } from '#src/domain/page.ts';
import { createMemoryStore } from '#src/store/memory/memory-pages.ts';

let version = 0;

const pageOf = (kilobytes: number): Page => ({
  filter: 'all',
  offset: 0,
  rows: [],
  given: 0,
  total: 0,
  hasMore: false,
  sentAt: 0,
  receivedAt: 0,
  version: (version += 1),
  bytes: Buffer.alloc(kilobytes * 1024),
});

const holds = (store: ReturnType<typeof createMemoryStore>, tenant: string) =>
  store.tenant(tenant).page('all', 0) !== undefined;

test('a tenant that grows is not what makes room for itself, though it was there first', () => {
  const store = createMemoryStore(100 * 1024);
  for (const tenant of ['a', 'b', 'c']) store.putPage(tenant, pageOf(8));
  for (const tenant of ['a', 'b', 'c']) expect(holds(store, tenant)).toBe(true);
  store.putPage('a', pageOf(20));
  expect(['a', 'b', 'c'].map((tenant) => holds(store, tenant))).toEqual([true, false, true]);
});

test('one that is used stays where others are not', () => {
  const store = createMemoryStore(100 * 1024);
  store.putPage('used', pageOf(8));
  for (let stranger = 0; stranger < 100; stranger += 1) {
    store.putPage(`stranger ${stranger}`, pageOf(8));
    expect(holds(store, 'used')).toBe(true);
  }
  expect(store.usage().bytes).toBeLessThanOrEqual(100 * 1024);
});

test('a page larger than all there is room for is not held, and leaves the books right', () => {
  const store = createMemoryStore(10 * 1024);
  store.putPage('a', pageOf(8));
  expect(holds(store, 'a')).toBe(false);
  expect(store.usage()).toEqual({ bytes: 0, tenants: 0 });
  store.putSingle('b', {
    id: 'inst_1',
    row: null,
    sentAt: 0,
    version: 1,
    bytes: Buffer.alloc(9000),
  });
  expect(store.usage()).toEqual({ bytes: 0, tenants: 0 });
});
