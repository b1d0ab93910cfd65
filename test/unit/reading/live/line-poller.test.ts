import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { LineState } from '#src/domain/line-state.ts';
import { createLinePoller, type LineReads } from '#src/reading/live/lines/line-poller.ts';
import { createWatchedLine } from '#src/reading/live/lines/watched-line.ts';
import { createTestClock } from '#test/support/clock.ts';
import { rowOf } from '#test/support/reading/world.ts';

const createdAt = '2026-01-01T00:00:00.000Z';
const noReads: LineReads = {
  rows: async () => ({ results: new Map(), asOf: null }),
  code: () => Promise.reject(new Error('No line is being linked')),
};
const options = { pollMs: 3000, timeoutMs: 10_000, onCode: () => {} };

test('a change of one line looks at no other, however many are watched', () => {
  const clock = createTestClock();
  const looked: string[] = [];
  const lines = Array.from({ length: 50 }, (_, index) => {
    const id = `inst_${index}`;
    const startedAt = () => void looked.push(id);
    const line = createWatchedLine(id, { clock, startedAt, onClosed: () => {} });
    line.noteRow(rowOf({ id, status: 'disconnected', createdAt }), clock.now());
    return line;
  });
  const poller = createLinePoller({ ...options, reads: noReads, clock });
  poller.wake(lines);
  expect(new Set(looked).size).toBe(50);
  looked.length = 0;
  clock.advance(1000);
  poller.wake(lines.slice(0, 1));
  expect(new Set(looked)).toEqual(new Set(['inst_0']));
  poller.stop();
});

test('of the events that several replicas pass on within a second, one has a call at once, and one at its end', async () => {
  const clock = createTestClock();
  const startedAt = clock.now();
  const state: LineState = { status: 'qr_pending', image: 'image', expiresAt: null };
  const calls: number[] = [];
  const reads: LineReads = {
    ...noReads,
    async code(_id, { sent }) {
      calls.push(clock.now() - startedAt);
      sent();
      return state;
    },
  };
  const line = createWatchedLine('inst_a', {
    clock,
    startedAt: () => undefined,
    onClosed: () => {},
  });
  const poller = createLinePoller({ ...options, reads, clock });
  line.noteState(state, clock.now());
  for (let step = 0; step < 20; step += 1) {
    line.noteNudge(clock.now() + 1);
    poller.wake([line]);
    clock.advance(50);
    await nextTurn();
  }
  for (let step = 0; step < 10; step += 1) {
    clock.advance(50);
    await nextTurn();
  }
  expect(calls).toEqual([50, 1050]);
  poller.stop();
});
