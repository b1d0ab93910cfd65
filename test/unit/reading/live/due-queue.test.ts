import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDueQueue } from '#src/reading/live/lines/due-queue.ts';
import { runs } from '#test/support/random/random-runs.ts';

const steps = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('add' as const), item: fc.nat(20), at: fc.integer() }),
    fc.record({ do: fc.constant('delete' as const), item: fc.nat(20) }),
    fc.record({ do: fc.constant('take' as const), now: fc.integer() }),
  ),
  { maxLength: 200 },
);

test('items are taken when they are due, the earliest first, each once', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const queue = createDueQueue<number>();
      const expected = new Map<number, number>();
      const dueOf = (item: number) => expected.get(item) ?? Number.POSITIVE_INFINITY;
      for (const step of all) {
        if (step.do === 'add') {
          queue.add(step.item, step.at);
          expected.set(step.item, Math.min(step.at, dueOf(step.item)));
        } else if (step.do === 'delete') {
          queue.delete(step.item);
          expected.delete(step.item);
        } else {
          const due = [...expected.keys()].filter((item) => dueOf(item) <= step.now);
          const taken = queue.take(step.now);
          expect(taken.map(dueOf)).toEqual(due.map(dueOf).toSorted((a, b) => a - b));
          expect(new Set(taken)).toEqual(new Set(due));
          for (const item of taken) expected.delete(item);
        }
        expect(queue.nextAt()).toBe(Math.min(...[...expected.keys()].map(dueOf)));
      }
    }),
    { numRuns: runs(200) },
  );
});

test('an item that is never due is not taken', () => {
  const queue = createDueQueue<string>();
  queue.add('a', Number.POSITIVE_INFINITY);
  expect(queue.nextAt()).toBe(Number.POSITIVE_INFINITY);
  expect(queue.take(1e12)).toEqual([]);
});
