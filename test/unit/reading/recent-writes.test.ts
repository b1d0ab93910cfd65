import { describe, expect, test } from 'vitest';
import type { Instance } from '#src/domain/instance.ts';
import type { Page } from '#src/domain/page.ts';
import type { Row } from '#src/domain/row.ts';
import type { Write } from '#src/domain/write.ts';
import { createPageWriter } from '#src/reading/upstream/page-writer.ts';
import { createRecentWrites } from '#src/reading/written/recent-writes.ts';
import { createMemoryPageStore } from '#src/store/memory/memory-pages.ts';
import { createTestClock } from '#test/support/clock.ts';

const tenant = 'tenant';
const id = 'inst_1';
const instance: Instance = {
  id,
  name: 'Before',
  phone: null,
  status: 'connected',
  profileName: null,
  profilePicUrl: null,
  createdAt: null,
  lastSeenAt: null,
  webhookUrl: null,
  webhookEvents: null,
  settings: null,
};
const rowOf = (fields: Partial<Instance> = {}): Row => ({
  key: id,
  instance: { ...instance, ...fields },
});

function createWorld() {
  const clock = createTestClock();
  const store = createMemoryPageStore(1e6);
  const writes = createRecentWrites({ now: clock.now, maxPageAgeMs: 60_000 });
  const writer = createPageWriter({ store, writes, clock });
  /** A list page that was sent now. */
  const read = (fields: Partial<Instance> = {}): Page =>
    writer.page(
      tenant,
      { filter: 'all', offset: 0 },
      {
        response: {
          rows: [rowOf(fields)],
          total: 1,
          hasMore: false,
          bytes: Buffer.from(JSON.stringify(fields)),
        },
        cached: store.tenant(tenant).page('all', 0),
        sentAt: clock.now(),
      },
    );
  const rename = (name: string | null, ageMs = 0) =>
    writer.apply(tenant, { kind: 'update', id, fields: name === null ? null : { name } }, ageMs);
  const page = () => store.tenant(tenant).page('all', 0);
  return { clock, store, writer, read, rename, page, shown: () => page()?.rows[0]?.instance };
}

test('a write of another replica that arrives late does not replace a newer one', () => {
  const { clock, read, rename, shown } = createWorld();
  read();
  clock.advance(5000);
  rename('Newer');
  rename('Older', 3000);
  expect(shown()?.name).toBe('Newer');
  clock.advance(10);
  // The list lags.
  expect(read().rows[0]?.instance?.name).toBe('Newer');
});

test('a write of another replica that arrives late leaves a page that was sent after it', () => {
  const { clock, read, writer, page, shown } = createWorld();
  clock.advance(20_000);
  read({ status: 'connected' });
  clock.advance(1000);
  writer.apply(tenant, { kind: 'status', id, fields: { status: 'disconnected' } }, 20_000);
  expect(shown()?.status).toBe('connected');
  expect(page()?.outdated).toBeUndefined();
});

test('the row of a creation that arrives late is as old as it, and replaces no newer one', () => {
  const { clock, store, writer } = createWorld();
  const single = () => store.tenant(tenant).single(id);
  const create = { kind: 'create', row: rowOf({ status: 'disconnected' }) } as const;
  writer.apply(tenant, create, 30_000);
  expect(single()?.sentAt).toBe(clock.now() - 30_000);

  const response = { row: rowOf({ status: 'connected' }), bytes: Buffer.from('{}') };
  writer.single(tenant, id, { response, cached: single(), sentAt: clock.now() - 10 });
  writer.apply(tenant, create, 30_000);
  expect(single()?.row?.instance?.status).toBe('connected');
});

test('after a write whose outcome is unknown, a later one does not make older pages usable', () => {
  const { clock, read, rename, writer, page } = createWorld();
  read();
  clock.advance(10);
  rename(null);
  clock.advance(10);
  writer.apply(tenant, { kind: 'status', id, fields: { status: 'disconnected' } });
  expect(page()?.outdated?.isUsable).toBe(false);
  clock.advance(10);
  expect(read().outdated).toBeUndefined();
});

test('a field that no list shows does not hold back the others of the same write', () => {
  const { clock, read, writer } = createWorld();
  writer.apply(tenant, {
    kind: 'update',
    id,
    fields: { name: 'Renamed', webhookEvents: ['message.read'] },
  });
  clock.advance(10);
  read({ name: 'Renamed' });
  clock.advance(10);
  expect(read({ name: 'Renamed elsewhere' }).rows[0]?.instance).toMatchObject({
    name: 'Renamed elsewhere',
    webhookEvents: ['message.read'],
  });
});

describe('two writes to a field that were in flight at the same time', () => {
  const update = (fields: Partial<Instance>, tookMs: number): Write => ({
    kind: 'update',
    id,
    fields,
    tookMs,
  });

  test('patch no page, and leave no older page usable', () => {
    const { clock, read, writer, page } = createWorld();
    read();
    clock.advance(500);
    writer.apply(tenant, update({ name: 'Second', webhookUrl: 'https://a.example' }, 100));
    clock.advance(100);
    writer.apply(tenant, update({ name: 'First' }, 400));
    expect(page()?.outdated?.isUsable).toBe(false);
    clock.advance(10);
    expect(read({ name: 'Second' }).rows[0]?.instance).toMatchObject({
      name: 'Second',
      webhookUrl: 'https://a.example',
    });
  });

  test('patch pages if they gave it the same value', () => {
    const { clock, read, writer } = createWorld();
    clock.advance(500);
    writer.apply(tenant, update({ name: 'Renamed' }, 100));
    writer.apply(tenant, update({ name: 'Renamed' }, 400));
    expect(read().rows[0]?.instance).toMatchObject({ name: 'Renamed' });
  });

  test('are not two writes of which one was sent after the answer to the other', () => {
    const { clock, read, writer } = createWorld();
    clock.advance(500);
    writer.apply(tenant, update({ name: 'First' }, 400));
    clock.advance(100);
    writer.apply(tenant, update({ name: 'Second' }, 100));
    clock.advance(10);
    expect(read().rows[0]?.instance).toMatchObject({ name: 'Second' });
  });
});
