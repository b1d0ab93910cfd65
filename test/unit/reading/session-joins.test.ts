import { expect, test } from 'vitest';
import type { Outdated, Single } from '#src/domain/page.ts';
import { readWindow } from '#src/reading/list/read-window.ts';
import { createSessionJoins } from '#src/reading/session/session-joins.ts';
import { createWorld } from '#test/support/reading/world.ts';

/** A session that began at 0 with `FRESH_MS=2000`. */
function createJoins() {
  let now = 0;
  let revision = 1;
  let lastWriteAt = -500;
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
    lastWriteAt: () => lastWriteAt,
  });
  return {
    ...joins,
    at: (ms: number) => {
      now = ms;
    },
    cachePage: () => {
      revision += 1;
    },
    answerWrite: () => {
      lastWriteAt = now + 1;
    },
    uses(sentAt: number, isFetched = false, outdated?: Outdated) {
      const bytes = Buffer.alloc(0);
      const source = {
        id: 'a',
        row: null,
        sentAt,
        version: 1,
        bytes,
        ...(outdated && { outdated }),
      };
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

test('an operation does not share a page that was sent before a write was answered', () => {
  const joins = createJoins();
  joins.at(500);
  const mayShare = joins.join();
  joins.uses(0, true, { at: 400, isUsable: true });
  expect(mayShare?.()).toBe(false);
});

test('nobody joins after a call has returned, a page was cached or a write was answered', () => {
  const returned = createJoins();
  returned.markReturned();
  expect(returned.join()).toBeNull();
  const cached = createJoins();
  cached.cachePage();
  expect(cached.join()).toBeNull();
  const written = createJoins();
  written.answerWrite();
  expect(written.join()).toBeNull();
});

test('a session that called before a write was answered is not joined after it, even if nothing was cached', async () => {
  const world = createWorld({ rows: 3 });
  const session = world.session();
  const joins: boolean[] = [];
  world.clock.advance(1);
  world.during = () => {
    joins.push(session.join() !== null);
    void world.applyWrite('tenant', { kind: 'create', row: null });
    joins.push(session.join() !== null);
  };
  await readWindow(session, { filter: 'all', direction: 'forward', count: 2, cursor: null });
  expect(joins).toEqual([true, false]);
  expect(world.calls).toEqual(['all 0']);
});
