import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { CallReport } from '#src/enviaai/client/instances.ts';
import type { CacheName, EntryKind, MemoryUsage } from '#src/domain/memory-usage.ts';
import { Failure } from '#src/domain/failure.ts';
import { tenantOf } from '#src/domain/tenant.ts';
import { createBudget } from '#src/enviaai/budget.ts';
import { createParsedDocuments } from '#src/graphql/document/parsed-documents.ts';
import { createSubgraphSchema } from '#src/graphql/schema.ts';
import { createBodyReader } from '#src/http/request/parsed-body-cache.ts';
import { createCircuitBreakers } from '#src/reading/upstream/circuit-breaker.ts';
import { createFairShare } from '#src/reading/upstream/fair-share.ts';
import { createKeyTrials } from '#src/reading/upstream/key-trials.ts';
import { createRejectedKeys } from '#src/reading/upstream/rejected-keys.ts';
import { createCallerLimit } from '#src/store/caller-limit.ts';
import { createMemoryBudgetStore } from '#src/store/memory/memory-budget.ts';
import { createTestClock } from '#test/support/clock.ts';
import { heldBytes } from '#test/support/hostile/held-bytes.ts';
import { start } from '#test/support/start.ts';

const megabyte = 1024 * 1024;
const limits = { tokens: 5000, depth: 15, aliases: 100, directives: 50 };
const schema = createSubgraphSchema();

function createDocuments() {
  return createParsedDocuments(schema, { limits, introspection: true, suggestions: true });
}

const repeat = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ');

test.each([
  ['of one unknown field', 3200, (index: number) => `{ a${index} }`],
  [
    'of 30 unknown fields',
    700,
    (index: number) => `{ ${repeat(30, (field) => `f${field}`)} b${index} }`,
  ],
  [
    'of 2000 fields',
    30,
    (index: number) => `{ instances(first: ${index}) { nodes { ${repeat(2000, () => 'id')} } } }`,
  ],
  [
    'of long names',
    100,
    (index: number) => `query ${'Q'.repeat(3000)}${index} { ${repeat(40, () => 'a(b: $v)')} }`,
  ],
])('documents %s take no more memory than the metrics say', (_, count, documentOf) => {
  // What the first documents compile and load is not held by the cache.
  for (let index = 0; index < 20; index += 1) createDocuments().parse(documentOf(index));
  const documents = createDocuments();
  const held = heldBytes(() => {
    for (let index = 0; index < count; index += 1) documents.parse(documentOf(index));
    return documents;
  });
  expect(documents.bytes()).toBeLessThanOrEqual(32 * megabyte);
  expect(held).toBeLessThan(documents.bytes() * 1.2 + megabyte);
});

test.each([
  ['lists', '[]'],
  ['objects', '{}'],
  ['objects with a key', '{"key":1}'],
  ['texts', '"text"'],
  ['numbers', '1.5'],
])('parsed bodies with many %s take no more memory than their cache may', (_, item) => {
  const bodies = createBodyReader({ byId: false, maxValues: 1_000_000 });
  const held = heldBytes(() => {
    for (let index = 0; index < 200; index += 1) {
      const items = Array.from({ length: Math.floor(14_000 / (item.length + 1)) }, () => item);
      const json = `{"query":"{ a }","variables":{"index":${index},"v":[${items.join(',')}]}}`;
      bodies.paramsOf(Buffer.from(json)).variablesJson();
    }
    return bodies;
  });
  expect(bodies.bytes()).toBeLessThanOrEqual(16 * megabyte);
  expect(bodies.bytes()).toBeGreaterThan(2 * megabyte);
  expect(held).toBeLessThan(bodies.bytes() * 1.2 + megabyte);
});

function createUsage() {
  const entries = new Map<EntryKind, () => number>();
  const usage: MemoryUsage = {
    trackBytes: () => {},
    trackEntries: (kind, size) => void entries.set(kind, size),
  };
  return { track: usage.trackEntries, sizes: () => mapValues(entries) };
}

const mapValues = (sizes: ReadonlyMap<EntryKind, () => number>) =>
  Object.fromEntries([...sizes].map(([kind, size]) => [kind, size()]));

test('more made-up keys, callers and addresses than the bounds are remembered within them', async () => {
  const clock = createTestClock();
  const { track, sizes } = createUsage();
  const { signal } = new AbortController();
  const budget = createBudget({
    store: createMemoryBudgetStore({ track }),
    ratePerMinute: 50,
    callMs: 5000,
    now: clock.now,
    track,
  });
  const breakers = createCircuitBreakers(clock.now, track);
  const rejected = createRejectedKeys(clock.now, track);
  const trials = createKeyTrials(clock.now, track);
  const shares = createFairShare({ budget, now: clock.now, track });
  const callers = createCallerLimit({ now: () => 0, perMinute: 300, track });
  const refused = new Failure('unauthorized', 'refused', { status: 401 });
  const down = new Failure('unavailable', 'down', { status: 503 });
  const rate = { limit: 50, remaining: 49, resetAtMs: clock.now() + 60_000 };

  const send = async (index: number) => {
    const tenant = tenantOf(`key ${index}`);
    const caller = { kind: 'key-holder', address: `address ${index}` } as const;
    await trials.run({ tenant, caller, signal }, async () => {});
    trials.accepted({ tenant, caller, signal });
    breakers.failed(tenant, down);
    rejected.remember({ tenant }, refused);
    const grant = await budget.take(tenant, 'required', signal);
    const ticket = grant.granted ? grant.ticket : undefined;
    await budget.learn(tenant, { outcome: 'ok', rate, caller: { ticket } } as CallReport);
    const sharer = { kind: 'sharer', id: `caller ${index}` } as const;
    await shares.take({ tenant: 'shared', caller: sharer, purpose: 'refresh', signal });
    await callers.count(`caller ${index}`);
  };
  for (let index = 0; index < 25_000; index += 1) await send(index);
  expect(sizes()).toEqual({
    accepted_keys: 20_000,
    budgets: 20_000,
    callers: 20_000,
    circuit_breakers: 10_000,
    client_addresses: 20_000,
    rate_limits: 20_000,
    refresh_paces: 20_000,
    refused_keys: 10_000,
    sharers: 1000,
  });
});

test('made-up conditions, keys, names, cursors and ids are counted in the metrics, within the bounds', async () => {
  const clock = createTestClock();
  const server = await start({
    clock,
    ratePerMinute: 10_000,
    env: { CACHE_MAX_MB: '1', LOG_LEVEL: 'silent' },
  });
  const conditions = Array.from({ length: 10 }, (_, bit) => `$v${bit}: Boolean!`).join(' ');
  const fields = repeat(
    10,
    (bit) => `f${bit}: instances(first: 1) @skip(if: $v${bit}) { totalCount }`,
  );
  for (let index = 0; index < 150; index += 1) {
    const variables = Object.fromEntries(
      Array.from({ length: 10 }, (_, bit) => [`v${bit}`, ((index >> bit) & 1) === 1]),
    );
    await server.query(`query(${conditions}) { ${fields} }`, variables);
    await server.query(`query Made${index}Up { instances { totalCount } }`);
    await server.query('query ($id: ID!) { instance(id: $id) { id } }', { id: `inst_${index}` });
    await server.query(`{ instances(after: "made-up-${index}") { totalCount } }`);
    await server.query('{ instances { totalCount } }', {}, { authorization: `Bearer k${index}` });
  }
  const page = await (await fetch(new URL('/metrics', server.url))).text();
  const valueOf = (name: string) =>
    Number(
      page
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.slice(name.length),
    );
  const bytesOf = (cache: CacheName) => valueOf(`enviaai_cache_bytes{cache="${cache}"}`);
  const bounds = { pages: 0.625, responses: 0.25, bodies: 16, documents: 63 };
  for (const cache of ['pages', 'responses', 'bodies', 'documents'] as const) {
    expect(bytesOf(cache)).toBeGreaterThan(1000);
    expect(bytesOf(cache)).toBeLessThanOrEqual(bounds[cache] * megabyte);
  }
  expect(bytesOf('searches')).toBe(0);
  const described = await readFile('docs/limits.md', 'utf8');
  const parts = [...page.matchAll(/^enviaai_(?:cache_bytes|tracked_entries)\{\w+="(\w+)"\}/gm)];
  expect(parts.length).toBeGreaterThan(15);
  expect(parts.filter(([, part]) => !described.includes(`\`${part}\``))).toEqual([]);
  const entriesOf = (kind: EntryKind) => valueOf(`enviaai_tracked_entries{kind="${kind}"}`);
  expect(entriesOf('operation_names')).toBe(100);
  expect(entriesOf('accepted_keys')).toBe(151);
  expect(entriesOf('budgets')).toBe(151);
  expect(entriesOf('client_addresses')).toBe(1);
  expect(entriesOf('flights')).toBe(0);
});
