import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BudgetStore, BudgetUpdate, TakeRequest } from '#src/store/budget-store.ts';
import { createMemoryBudgetStore } from '#src/store/memory/memory-budget.ts';
import { createTestClock, type TestClock } from '#test/support/clock.ts';

/** The contract of all budget stores. `create` returns an empty store that uses the given clock. */
export function budgetStoreContract(create: (clock: TestClock) => Promise<BudgetStore>): void {
  const setUp = async () => {
    const clock = createTestClock();
    const store = await create(clock);
    const take = (input: Partial<TakeRequest> = {}, tenant = 'tenant') =>
      store.take(tenant, { now: clock.now(), assumedLimit: 50, reserve: 0, ...input });
    const update = (reported: Omit<BudgetUpdate, 'now'>, tenant = 'tenant') =>
      store.update(tenant, { now: clock.now(), ...reported });
    const takeAll = async (input: Partial<TakeRequest> = {}) => {
      let count = 0;
      while ((await take(input)).isTaken) count += 1;
      return count;
    };
    return { clock, store, take, update, takeAll };
  };

  test('a tenant without a reported budget has the assumed limit for a minute', async () => {
    const { clock, take, takeAll } = await setUp();
    const first = await take();
    expect(first).toMatchObject({ isTaken: true, limit: 50, remaining: 49, isAssumed: true });
    expect(first.resetAtMs).toBe(clock.now() + 60_000);
    expect(await takeAll()).toBe(49);
    clock.advance(59_999);
    expect((await take()).isTaken).toBe(false);
    clock.advance(1);
    expect(await take()).toMatchObject({ isTaken: true, remaining: 49 });
  });

  test('concurrent requests never take more than the limit', async () => {
    const { take } = await setUp();
    const takes = await Promise.all(Array.from({ length: 200 }, () => take()));
    expect(takes.filter(({ isTaken }) => isTaken)).toHaveLength(50);
  });

  test('requests with a reserve leave it to the others', async () => {
    const { takeAll } = await setUp();
    expect(await takeAll({ reserve: 0.1 })).toBe(45);
    expect(await takeAll({ reserve: 0.1 })).toBe(0);
    expect(await takeAll()).toBe(5);
  });

  test('each tenant has its own budget', async () => {
    const { take } = await setUp();
    await take({}, 'one');
    expect(await take({}, 'other')).toMatchObject({ remaining: 49 });
  });

  test('a reported limit, count and reset replace the assumed ones', async () => {
    const { clock, take, update } = await setUp();
    await take();
    await update({ limit: 20, remaining: 7, resetAtMs: clock.now() + 30_000 });
    expect(await take()).toMatchObject({
      isTaken: true,
      limit: 20,
      remaining: 6,
      resetAtMs: clock.now() + 30_000,
      isAssumed: false,
    });
    clock.advance(30_000);
    expect(await take()).toMatchObject({ limit: 20, remaining: 19, isAssumed: true });
  });

  test('a response that arrives late never increases the budget', async () => {
    const { clock, take, update } = await setUp();
    const resetAtMs = clock.now() + 30_000;
    await update({ limit: 50, remaining: 10, resetAtMs });
    await update({ limit: 50, remaining: 12, resetAtMs: resetAtMs + 1000 });
    expect(await take()).toMatchObject({ remaining: 9 });
  });

  test('a response about an earlier window changes nothing', async () => {
    const { clock, take, update } = await setUp();
    await update({ limit: 50, remaining: 40, resetAtMs: clock.now() + 50_000 });
    await update({ limit: 50, remaining: 0, resetAtMs: clock.now() + 10_000 });
    await update({ limit: 50, remaining: 0, resetAtMs: clock.now() - 1 });
    expect(await take()).toMatchObject({ isTaken: true, remaining: 39 });
  });

  test('a response about a later window begins that window', async () => {
    const { clock, take, update } = await setUp();
    await update({ limit: 50, remaining: 0, resetAtMs: clock.now() + 5000 });
    await update({ limit: 50, remaining: 49, resetAtMs: clock.now() + 60_000 });
    expect(await take()).toMatchObject({ isTaken: true, remaining: 48 });
  });

  test('a pause refuses every request, and no later response shortens it', async () => {
    const { clock, take, update } = await setUp();
    await update({ pausedUntilMs: clock.now() + 8000 });
    await update({ pausedUntilMs: clock.now() + 3000 });
    clock.advance(7999);
    const refused = await take();
    expect(refused).toMatchObject({ isTaken: false, pausedUntilMs: clock.now() + 1 });
    expect(refused.remaining).toBeGreaterThan(0);
    clock.advance(1);
    expect((await take()).isTaken).toBe(true);
  });

  test('any sequence of events gives the same results as the memory store', async () => {
    const { clock, store } = await setUp();
    const memory = createMemoryBudgetStore();
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(event(), { maxLength: 30 }), async (events) => {
        const tenant = `random ${(run += 1)}`;
        for (const { advance, ...input } of events) {
          clock.advance(advance);
          const now = clock.now();
          if ('reserve' in input) {
            const take = { now, ...input };
            const [ours, theirs] = [
              await store.take(tenant, take),
              await memory.take(tenant, take),
            ];
            // The end of a pause that is over does not matter.
            const past = { pausedUntilMs: expect.any(Number) };
            expect(ours).toEqual(theirs.pausedUntilMs > now ? theirs : { ...theirs, ...past });
          } else {
            const reported = updateAt(now, input);
            await store.update(tenant, reported);
            await memory.update(tenant, reported);
          }
        }
      }),
      { numRuns: 100 },
    );
  });
}

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const advance = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 90_000 }));
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
  pausedForMs: maybe(fc.integer({ min: -5000, max: 70_000 })),
});
const event = () => fc.oneof({ weight: 2, arbitrary: take }, { weight: 1, arbitrary: update });

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
