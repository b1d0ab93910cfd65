import { expect, test } from 'vitest';
import { createLinePoller } from '#src/reading/live/line-poller.ts';
import { createWatchedLine } from '#src/reading/live/watched-line.ts';
import { createTestClock } from '#test/support/clock.ts';
import { rowOf } from '#test/support/reading/world.ts';

const createdAt = '2026-01-01T00:00:00.000Z';

test('a change of one line looks at no other, however many are watched', async () => {
  const clock = createTestClock();
  const looked: string[] = [];
  const lines = Array.from({ length: 50 }, (_, index) => {
    const id = `inst_${index}`;
    const line = createWatchedLine(id, {
      clock,
      startedAt: () => void looked.push(id),
      onClosed: () => {},
    });
    line.noteRow(rowOf({ id, status: 'disconnected', createdAt }), clock.now());
    return line;
  });
  const poller = createLinePoller({
    reads: {
      rows: async () => ({ results: new Map(), asOf: null }),
      code: () => Promise.reject(new Error('No line is being linked')),
    },
    clock,
    pollMs: 3000,
    timeoutMs: 10_000,
    onCode: () => {},
  });
  poller.wake(lines);
  expect(new Set(looked).size).toBe(50);
  looked.length = 0;
  clock.advance(1000);
  poller.wake(lines.slice(0, 1));
  expect(new Set(looked)).toEqual(new Set(['inst_0']));
  poller.stop();
});
