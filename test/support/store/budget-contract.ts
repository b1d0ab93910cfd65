import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BudgetStore, BudgetUpdate, TakeRequest } from '#src/store/budget-store.ts';
import { createMemoryBudgetStore } from '#src/store/memory/memory-budget.ts';
import { createTestClock, type TestClock } from '#test/support/clock.ts';

/** What every store of budgets promises. `create` makes a new one, whose time is the clock's. */
export function budgetStoreContract(create: (clock: TestClock) => Promise<BudgetStore>): void {
  const setUp = async () => {
    const clock = createTestClock();
    const store = await create(clock);
    const take = (input: Partial<TakeRequest> = {}, tenant = 'tenant') =>
      store.take(tenant, { now: clock.now(), assumedLimit: 50, keepBack: 0, ...input });
    const learn = (lesson: Omit<BudgetUpdate, 'now'>, tenant = 'tenant') =>
      store.update(tenant, { now: clock.now(), ...lesson });
    const takeAll = async (input: Partial<TakeRequest> = {}) => {
      let count = 0;
      while ((await take(input)).taken) count += 1;
      return count;
    };
    return { clock, store, take, learn, takeAll };
  };

  test('a key of which nothing was heard has the assumed limit, for a minute', async () => {
    const { clock, take, takeAll } = await setUp();
    const first = await take();
    expect(first).toMatchObject({ taken: true, limit: 50, remaining: 49, assumed: true });
    expect(first.resetAtMs).toBe(clock.now() + 60_000);
    expect(await takeAll()).toBe(49);
    clock.advance(59_999);
    expect((await take()).taken).toBe(false);
    clock.advance(1);
    expect(await take()).toMatchObject({ taken: true, remaining: 49 });
  });

  test('however many ask at once, no more get one than there are', async () => {
    const { take } = await setUp();
    const takes = await Promise.all(Array.from({ length: 200 }, () => take()));
    expect(takes.filter(({ taken }) => taken)).toHaveLength(50);
  });

  test('what is kept back for others is not taken', async () => {
    const { takeAll } = await setUp();
    expect(await takeAll({ keepBack: 0.1 })).toBe(45);
    expect(await takeAll({ keepBack: 0.1 })).toBe(0);
    expect(await takeAll()).toBe(5);
  });

  test('each key has a budget of its own', async () => {
    const { take } = await setUp();
    await take({}, 'one');
    expect(await take({}, 'other')).toMatchObject({ remaining: 49 });
  });

  test("the vendor's word counts: its limit, what is left, and when that resets", async () => {
    const { clock, take, learn } = await setUp();
    await take();
    await learn({ limit: 20, remaining: 7, resetAtMs: clock.now() + 30_000 });
    expect(await take()).toMatchObject({
      taken: true,
      limit: 20,
      remaining: 6,
      resetAtMs: clock.now() + 30_000,
      assumed: false,
    });
    clock.advance(30_000);
    expect(await take()).toMatchObject({ limit: 20, remaining: 19, assumed: true });
  });

  test('answers that overtake each other give nothing back', async () => {
    const { clock, take, learn } = await setUp();
    const resetAtMs = clock.now() + 30_000;
    await learn({ limit: 50, remaining: 10, resetAtMs });
    await learn({ limit: 50, remaining: 12, resetAtMs: resetAtMs + 1000 });
    expect(await take()).toMatchObject({ remaining: 9 });
  });

  test('an answer about a window that is over changes nothing', async () => {
    const { clock, take, learn } = await setUp();
    await learn({ limit: 50, remaining: 40, resetAtMs: clock.now() + 50_000 });
    await learn({ limit: 50, remaining: 0, resetAtMs: clock.now() + 10_000 });
    await learn({ limit: 50, remaining: 0, resetAtMs: clock.now() - 1 });
    expect(await take()).toMatchObject({ taken: true, remaining: 39 });
  });

  test('an answer about a newer window begins it', async () => {
    const { clock, take, learn } = await setUp();
    await learn({ limit: 50, remaining: 0, resetAtMs: clock.now() + 5000 });
    await learn({ limit: 50, remaining: 49, resetAtMs: clock.now() + 60_000 });
    expect(await take()).toMatchObject({ taken: true, remaining: 48 });
  });

  test('a pause holds everything back, and no later word shortens it', async () => {
    const { clock, take, learn } = await setUp();
    await learn({ pausedUntilMs: clock.now() + 8000 });
    await learn({ pausedUntilMs: clock.now() + 3000 });
    clock.advance(7999);
    const refused = await take();
    expect(refused).toMatchObject({ taken: false, pausedUntilMs: clock.now() + 1 });
    expect(refused.remaining).toBeGreaterThan(0);
    clock.advance(1);
    expect((await take()).taken).toBe(true);
  });

  test('it counts as the memory store does, whatever happens', async () => {
    const { clock, store } = await setUp();
    const memory = createMemoryBudgetStore();
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(event(), { maxLength: 30 }), async (events) => {
        const tenant = `random ${(run += 1)}`;
        for (const { advance, ...given } of events) {
          clock.advance(advance);
          const now = clock.now();
          if ('keepBack' in given) {
            const take = { now, ...given };
            const [ours, theirs] = [
              await store.take(tenant, take),
              await memory.take(tenant, take),
            ];
            // A pause that is over is no pause, whenever it was.
            const past = { pausedUntilMs: expect.any(Number) };
            expect(ours).toEqual(theirs.pausedUntilMs > now ? theirs : { ...theirs, ...past });
          } else {
            const lesson = lessonAt(now, given);
            await store.update(tenant, lesson);
            await memory.update(tenant, lesson);
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
  keepBack: fc.constantFrom(0, 0.1, 0.5),
});
const lesson = fc.record({
  advance,
  limit: maybe(fc.integer({ min: 1, max: 6 })),
  remaining: maybe(fc.integer({ min: 0, max: 6 })),
  resetInMs: maybe(fc.integer({ min: -5000, max: 70_000 })),
  pausedForMs: maybe(fc.integer({ min: -5000, max: 70_000 })),
});
const event = () => fc.oneof({ weight: 2, arbitrary: take }, { weight: 1, arbitrary: lesson });

type Told = Record<'limit' | 'remaining' | 'resetInMs' | 'pausedForMs', number | undefined>;

function lessonAt(now: number, { limit, remaining, resetInMs, pausedForMs }: Told): BudgetUpdate {
  const at = (inMs: number | undefined) => (inMs === undefined ? undefined : now + inMs);
  return { now, limit, remaining, resetAtMs: at(resetInMs), pausedUntilMs: at(pausedForMs) };
}
