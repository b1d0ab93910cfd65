import { expect, test } from 'vitest';
import type { Single } from '#src/domain/page.ts';
import { createSessionJoins } from '#src/reading/session/session-joins.ts';

/** A session that began at 0 with `FRESH_MS=2000`. */
function createJoins() {
  let now = 0;
  let revision = 1;
  const sources: Single[] = [];
  const fetched = new Set<object>();
  const joins = createSessionJoins({
    startedAt: 0,
    now: () => now,
    freshMs: 2000,
    isFetched: (source) => fetched.has(source),
    isFresh: (source) => fetched.has(source) || source.sentAt >= -2000,
    sources: () => sources,
    revision: () => revision,
  });
  return {
    ...joins,
    at: (ms: number) => {
      now = ms;
    },
    write: () => {
      revision += 1;
    },
    uses(sentAt: number, isFetched = false) {
      const source = { id: 'a', row: null, sentAt, version: 1, bytes: Buffer.alloc(0) };
      sources.push(source);
      if (isFetched) fetched.add(source);
    },
  };
}

test('an operation shares cached pages that were fresh when it arrived', () => {
  const joins = createJoins();
  joins.at(500);
  const mayShare = joins.join();
  joins.uses(-1500);
  expect(mayShare?.()).toBe(true);
  expect(joins.lastArrivedAt()).toBe(500);
  joins.uses(-1501);
  expect(mayShare?.()).toBe(false);
});

test('an operation shares a page of a call, and a stale one that the session had to use', () => {
  const joins = createJoins();
  joins.at(2500);
  const mayShare = joins.join();
  joins.uses(-100, true);
  joins.uses(-9000);
  expect(mayShare?.()).toBe(true);
});

test('an operation does not share what a session read for a caller that was refused', () => {
  const joins = createJoins();
  const mayShare = joins.join();
  joins.markRefused();
  expect(mayShare?.()).toBe(false);
});

test('nobody joins after a call has returned, or after a page was written', () => {
  const returned = createJoins();
  returned.markReturned();
  expect(returned.join()).toBeNull();
  const written = createJoins();
  written.write();
  expect(written.join()).toBeNull();
});
