import { expect, test } from 'vitest';
import type { Page, Single } from '#src/domain/page.ts';
import { createMemoryPageStore } from '#src/store/memory/memory-pages.ts';
import type { PageStore } from '#src/store/page-store.ts';

const pageOf = (kilobytes: number, more: Partial<Page> = {}): Page => ({
  filter: 'all',
  offset: 0,
  rows: [],
  rowCount: 0,
  total: 0,
  hasMore: false,
  sentAt: 0,
  receivedAt: 0,
  version: 1,
  bytes: Buffer.alloc(kilobytes * 1024),
  ...more,
});

const singleOf = (id: string, more: Partial<Single> = {}): Single => ({
  id,
  row: null,
  sentAt: 0,
  version: 1,
  bytes: Buffer.alloc(10),
  ...more,
});

const hasPage = (store: PageStore, tenant: string) =>
  store.tenant(tenant).page('all', 0) !== undefined;

test('a tenant that grows is not dropped, although it was stored first', () => {
  const store = createMemoryPageStore(100 * 1024);
  for (const tenant of ['a', 'b', 'c']) store.putPage(tenant, pageOf(8));
  for (const tenant of ['a', 'b', 'c']) expect(hasPage(store, tenant)).toBe(true);
  store.putPage('a', pageOf(20));
  expect(['a', 'b', 'c'].map((tenant) => hasPage(store, tenant))).toEqual([true, false, true]);
});

test('a tenant that is read again and again is not dropped, however many others come', () => {
  const store = createMemoryPageStore(100 * 1024);
  store.putPage('used', pageOf(8));
  for (let stranger = 0; stranger < 100; stranger += 1) {
    store.putPage(`stranger ${stranger}`, pageOf(8));
    expect(hasPage(store, 'used')).toBe(true);
  }
  expect(store.usage().bytes).toBeLessThanOrEqual(100 * 1024);
});

test('a tenant larger than the bound is dropped, and its bytes are not counted', () => {
  const store = createMemoryPageStore(10 * 1024);
  store.putPage('a', pageOf(8));
  expect(hasPage(store, 'a')).toBe(false);
  expect(store.usage()).toEqual({ bytes: 0, tenants: 0 });
  store.putSingle('b', singleOf('inst_1', { bytes: Buffer.alloc(9000) }));
  expect(store.usage()).toEqual({ bytes: 0, tenants: 0 });
});

test('a tenant that outgrows the bound is dropped alone', () => {
  const store = createMemoryPageStore(60 * 1024);
  store.putPage('a', pageOf(8));
  store.putPage('a', pageOf(8, { offset: 90 }));
  store.putPage('a', pageOf(8, { offset: 180 }));
  expect(store.usage()).toEqual({ bytes: 0, tenants: 0 });
  store.putPage('a', pageOf(8));
  expect(hasPage(store, 'a')).toBe(true);
});

test('a page replaces one that was sent earlier, and none that was sent later', () => {
  const store = createMemoryPageStore(1e6);
  store.putPage('a', pageOf(1, { sentAt: 2, version: 2 }));
  const revision = store.tenant('a').revision();
  store.putPage('a', pageOf(1, { sentAt: 1, version: 1 }));
  expect(store.tenant('a').page('all', 0)?.version).toBe(2);
  expect(store.tenant('a').revision()).toBe(revision);
  store.putPage('a', pageOf(1, { sentAt: 2, version: 3 }));
  expect(store.tenant('a').page('all', 0)?.version).toBe(3);
  expect(store.tenant('a').revision()).toBeGreaterThan(revision);
});

test('the pages of a list are in the order in which they were last written', () => {
  const store = createMemoryPageStore(1e6);
  for (const offset of [0, 90, 180, 0]) store.putPage('a', pageOf(1, { offset }));
  expect(
    store
      .tenant('a')
      .pages('all')
      .map(({ offset }) => offset),
  ).toEqual([90, 180, 0]);
});

test('what was put since a revision is listed as it is now: the last 64', () => {
  const store = createMemoryPageStore(1e8);
  const tenant = () => store.tenant('a');
  expect(tenant().putSince(0)).toEqual([]);
  store.putPage('a', pageOf(1, { offset: 90 }));
  const revision = tenant().revision();
  expect(tenant().putSince(revision)).toEqual([]);
  store.putPage('a', pageOf(1));
  store.putPage('a', pageOf(1, { version: 7 }));
  store.putSingle('a', singleOf('inst_0'));
  expect(tenant().putSince(revision)).toEqual([tenant().page('all', 0), tenant().single('inst_0')]);
  expect(tenant().page('all', 0)?.version).toBe(7);

  for (let id = 1; id < 63; id += 1) store.putSingle('a', singleOf(`inst_${id}`));
  expect(tenant().putSince(revision)).toHaveLength(64);
  store.putSingle('a', singleOf('inst_63'));
  expect(tenant().putSince(revision)).toBeUndefined();

  const last = tenant().revision();
  store.rewrite('a', { page: (page) => page, single: (single) => single });
  expect(tenant().putSince(last)).toBeUndefined();
  expect(tenant().putSince(tenant().revision())).toEqual([]);
});

test('a tenant that was dropped has no pages, and never an earlier revision again', () => {
  const store = createMemoryPageStore(1e6);
  store.putPage('a', pageOf(1));
  const before = store.tenant('a').revision();
  store.drop('a');
  expect(store.tenant('a').revision()).toBe(0);
  expect(hasPage(store, 'a')).toBe(false);
  store.putPage('a', pageOf(1));
  expect(store.tenant('a').revision()).toBeGreaterThan(before);
});

test('a tenant has at most 1000 single instances, and their bytes are counted once', () => {
  const store = createMemoryPageStore(1e8);
  for (let id = 0; id < 1000; id += 1) store.putSingle('a', singleOf(`inst_${id}`));
  const { bytes } = store.usage();
  for (let id = 0; id < 2500; id += 1) store.putSingle('a', singleOf(`inst_${id}`));
  expect(store.tenant('a').single('inst_0')).toBeUndefined();
  expect(store.tenant('a').single('inst_2499')).toBeDefined();
  expect(store.usage()).toEqual({ bytes, tenants: 1 });
  const single = singleOf('inst_2499');
  store.putSingle('a', single);
  store.putSingle('a', single);
  expect(store.usage()).toEqual({ bytes, tenants: 1 });
});
