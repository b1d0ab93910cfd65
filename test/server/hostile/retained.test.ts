import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { clientAddressOf } from '#src/http/auth/client-address.ts';
import { summaryOf } from '#src/http/operation/operation-summary.ts';
import { prepareOperation } from '#src/http/operation/prepared-operation.ts';
import { createCachedResponses } from '#src/http/response-cache/cached-responses.ts';
import { createRecentWrites } from '#src/reading/written/recent-writes.ts';
import { createPageWriter } from '#src/reading/upstream/page-writer.ts';
import { createMemoryPageStore } from '#src/store/memory/memory-pages.ts';
import { createTestClock } from '#test/support/clock.ts';
import { heldBytes } from '#test/support/hostile/held-bytes.ts';

const megabyte = 1024 * 1024;

/** A part of a large text, as a document's id or name is. */
const partOf = (part: string): string => {
  const text = Buffer.from(`${'x'.repeat(200_000)}${part}`).toString();
  return text.slice(200_000);
};

test('an id that is cached does not keep its document in memory', () => {
  const store = createMemoryPageStore(50 * megabyte);
  const clock = createTestClock();
  const writes = createRecentWrites({ now: clock.now, maxPageAgeMs: 60_000 });
  const writer = createPageWriter({ store, writes, clock });
  const bytes = Buffer.from('{}');
  const held = heldBytes(() => {
    for (let index = 0; index < 500; index += 1) {
      const id = partOf(`inst_${String(index).padStart(20, '0')}`);
      const response = { row: null, bytes };
      writer.single('tenant', id, { response, cached: undefined, sentAt: 0 });
    }
    return store;
  });
  expect(store.tenant('tenant').single('inst_00000000000000000499')).toBeDefined();
  expect(held).toBeLessThan(2 * megabyte);
});

test('the name of an operation in the log and the metrics does not keep its document', () => {
  const outcome = { errors: [], cost: null };
  const answered = { durationMs: 1, status: 200, caller: null };
  const held = heldBytes(() =>
    Array.from({ length: 300 }, (_, index) => {
      const name = `Operation${String(index).padStart(20, '0')}`;
      const query = Buffer.from(`query ${name} { __typename } #${'x'.repeat(50_000)}`).toString();
      const params = { params: { query }, documentId: null, variablesJson: () => null };
      // Not validated: validation makes a copy of the name by chance.
      const parsed = { id: 1, document: parse(query), errors: [] };
      const documents = { parse: () => parsed, promote: () => {}, bytes: () => 0 };
      const { operation } = prepareOperation(documents, null, params);
      return summaryOf({ requestId: 'r', span: undefined }, operation, outcome, answered);
    }),
  );
  expect(held).toBeLessThan(megabyte);
});

test('an address that is remembered does not keep its header', () => {
  const held = heldBytes(() =>
    Array.from({ length: 1000 }, (_, index) => {
      const forwarded = Buffer.from(`${'9.9.9.9, '.repeat(1700)}203.0.113.${100 + (index % 100)}`);
      const headers = { 'x-forwarded-for': forwarded.toString() };
      return clientAddressOf({ headers, socket: { remoteAddress: '127.0.0.1' } as never }, 1);
    }),
  );
  expect(held).toBeLessThan(megabyte);
});

test('small cached responses do not keep the blocks that Node takes buffers from', () => {
  const cost = {
    calls: 0,
    asOf: 0,
    stale: false,
    remaining: null,
    saved: { memory: 0, replica: 0, narrowed: 0 },
  };
  const validator = { sources: [], revision: null, walkStarts: [] };
  const responses = createCachedResponses(2 * megabyte, () => '}');
  const held = heldBytes(() => {
    for (let index = 0; index < 2000; index += 1) {
      // Others take the rest of the block, and leave it.
      Buffer.allocUnsafe(4000);
      Buffer.allocUnsafe(4000);
      responses.set(`key ${index}`, { json: 'x'.repeat(200), cost, validator });
    }
    return responses;
  });
  expect(held).toBeLessThan(responses.bytes() * 1.2 + megabyte / 2);
});
