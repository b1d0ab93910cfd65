import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BudgetUpdate, CallEnd, RestorableBudgetStore } from '#src/store/budget-store.ts';
import { createMemoryBudgetStore } from '#src/store/memory/memory-budget.ts';
import type { TestClock } from '#test/support/clock.ts';

/** The longest that a call is in flight. */
export const ticketMs = 13_000;

/** Compares a budget store with the memory store. `setUp` returns an empty one and its clock. */
export function testRandomEvents(
  setUp: (
    needsProbe: boolean,
  ) => Promise<{ readonly clock: TestClock; readonly store: RestorableBudgetStore }>,
): void {
  test('any sequence of events gives the same results as the memory store', async () => {
    for (const needsProbe of [false, true]) {
      const { clock, store } = await setUp(needsProbe);
      const memory = createMemoryBudgetStore({ needsProbe });
      let run = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(event(), { maxLength: 40 }), async (events) => {
          const tenant = `random ${(run += 1)}`;
          let taken = 0;
          const ticketOf = (back: number) => `ticket ${taken - back}`;
          for (const { advance, ...input } of events) {
            clock.advance(advance);
            const now = clock.now();
            if ('reserve' in input) {
              taken += 1;
              const take = { now, ...input, ticket: ticketOf(0), ticketMs };
              const [ours, theirs] = [
                await store.take(tenant, take),
                await memory.take(tenant, take),
              ];
              // The end of a pause that is over does not matter.
              const past = {
                pausedUntilMs: expect.any(Number),
                incarnation: expect.any(Number),
              };
              const { pausedUntilMs } = theirs;
              expect(ours).toEqual({
                ...theirs,
                ...past,
                ...(pausedUntilMs > now && { pausedUntilMs }),
              });
            } else if ('known' in input) {
              const { limit, remaining, resetInMs, pausedForMs, known } = input;
              const restore = {
                now,
                limit,
                remaining,
                resetAtMs: now + resetInMs,
                pausedUntilMs: now + pausedForMs,
                tickets: Array.from({ length: known }, (_, back) => ticketOf(back)),
                ticketMs,
              };
              await store.restore(tenant, restore);
              await memory.restore(tenant, restore);
            } else {
              const { ticketBack, end } = input;
              const ticket = ticketBack === undefined ? undefined : ticketOf(ticketBack);
              const reported = { ...updateAt(now, input), ticket, end };
              await store.update(tenant, reported);
              await memory.update(tenant, reported);
            }
          }
        }),
        { numRuns: 300 },
      );
    }
  }, 60_000);
}

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const advance = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 0, max: 3000 }),
  fc.integer({ min: 0, max: 90_000 }),
);
const take = fc.record({
  advance,
  assumedLimit: fc.integer({ min: 1, max: 5 }),
  reserve: fc.constantFrom(0, 0.1, 0.5),
});
const update = fc.record({
  advance,
  limit: maybe(fc.integer({ min: 1, max: 6 })),
  remaining: maybe(fc.integer({ min: 0, max: 6 })),
  resetInMs: maybe(fc.integer({ min: -5000, max: 70_000 })),
  pausedForMs: fc.oneof(
    { weight: 4, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.integer({ min: -5000, max: 70_000 }) },
  ),
  ticketBack: maybe(fc.nat(4)),
  end: fc.constantFrom<CallEnd>('answered', 'answered', 'failed', 'lost', 'unsent'),
});
const restore = fc.record({
  advance,
  limit: fc.integer({ min: 1, max: 6 }),
  remaining: fc.integer({ min: -2, max: 6 }),
  resetInMs: fc.integer({ min: -5000, max: 70_000 }),
  pausedForMs: fc.integer({ min: -5000, max: 1000 }),
  known: fc.nat(3),
});
const event = () =>
  fc.oneof(
    { weight: 6, arbitrary: take },
    { weight: 6, arbitrary: update },
    { weight: 1, arbitrary: restore },
  );

type ReportedValues = Record<
  'limit' | 'remaining' | 'resetInMs' | 'pausedForMs',
  number | undefined
>;

function updateAt(
  now: number,
  { limit, remaining, resetInMs, pausedForMs }: ReportedValues,
): BudgetUpdate {
  const at = (inMs: number | undefined) => (inMs === undefined ? undefined : now + inMs);
  return { now, limit, remaining, resetAtMs: at(resetInMs), pausedUntilMs: at(pausedForMs) };
}
