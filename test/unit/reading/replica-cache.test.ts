import { expect, test } from 'vitest';
import { createRecentWrites } from '#src/reading/written/recent-writes.ts';
import { createPageWriter } from '#src/reading/upstream/page-writer.ts';
import { createReplicaCache } from '#src/reading/upstream/replica-cache.ts';
import { createResources } from '#src/reading/upstream/resources.ts';
import { createMemoryPageStore } from '#src/store/memory/memory-pages.ts';
import type { SharedPages } from '#src/store/shared-pages.ts';
import { createTestClock } from '#test/support/clock.ts';

const broken = { kind: 'response' as const, bytes: Buffer.from('\xff{"data":'), sentAt: 1 };

function createCache() {
  const store = createMemoryPageStore(1e6);
  const clock = createTestClock();
  const writes = createRecentWrites({ now: clock.now, maxPageAgeMs: 60_000 });
  const writer = createPageWriter({ store, writes, clock });
  const enviaai = {
    list: () => Promise.reject(new Error('no call is expected')),
    get: () => Promise.reject(new Error('no call is expected')),
  };
  const resources = createResources({ enviaai, store, writer });
  const budget = { refresh: async () => {} };
  const shared: SharedPages = {
    find: async () => ({ response: broken, droppedAt: undefined }),
    claim: async () => broken,
    drop: async () => {},
  };
  return {
    resources,
    cache: createReplicaCache({ shared, store, resources, budget, catchUp: async () => {} }),
  };
}

test('bytes in Redis that cannot be read are a miss', async () => {
  const { cache } = createCache();
  expect(await cache.findPage('tenant', { filter: 'all', offset: 0 })).toBeUndefined();
  expect(await cache.findSingle('tenant', 'inst_abc123')).toBeUndefined();
});

test('a call is sent where the response of another replica cannot be read', async () => {
  const { cache, resources } = createCache();
  const single = { id: 'inst_a', row: null, sentAt: 2, version: 1, bytes: Buffer.from('{}') };
  const read = { tenant: 'tenant', startedAt: 0, since: 0 };
  const fetched = await cache.fetch(read, resources.single('tenant', 'inst_a'), async () => single);
  expect(fetched).toBe(single);
});
