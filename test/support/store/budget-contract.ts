import { expect, test } from 'vitest';
import type { BudgetUpdate, RestorableBudgetStore, TakeRequest } from '#src/store/budget-store.ts';
import { createTestClock, type TestClock } from '#test/support/clock.ts';
import { testRandomEvents, ticketMs } from './budget-events.ts';

/** The contract of all budget stores. `create` returns an empty store that uses the given clock. */
export function budgetStoreContract(
  create: (clock: TestClock, needsProbe: boolean) => Promise<RestorableBudgetStore>,
): void {
  const setUp = async (needsProbe = false) => {
    const clock = createTestClock();
    const store = await create(clock, needsProbe);
    let tickets = 0;
    const take = (input: Partial<TakeRequest> = {}, tenant = 'tenant') =>
      store.take(tenant, {
        now: clock.now(),
        assumedLimit: 50,
        reserve: 0,
        ticket: `ticket ${(tickets += 1)}`,
        ticketMs,
        ...input,
      });
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
    await take({ ticket: 'a' });
    const resetAtMs = clock.now() + 30_000;
    await update({ limit: 20, remaining: 7, resetAtMs, ticket: 'a' });
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

  test('a later window begins without the calls in flight, and regains those of the window before', async () => {
    const { clock, take, update } = await setUp();
    const first = clock.now() + 5000;
    await update({ limit: 50, remaining: 50, resetAtMs: first });
    for (const ticket of ['a', 'b', 'c', 'd']) await take({ ticket });
    const resetAtMs = first + 60_000;
    await update({ limit: 50, remaining: 49, resetAtMs, ticket: 'b' });
    expect(await take({ ticket: 'e' })).toMatchObject({ remaining: 45 });
    await update({ limit: 50, remaining: 48, resetAtMs, ticket: 'c' });
    await update({ limit: 50, remaining: 0, resetAtMs: first, ticket: 'a' });
    await update({ limit: 50, remaining: 47, resetAtMs, ticket: 'd' });
    await update({ limit: 50, remaining: 46, resetAtMs, ticket: 'e' });
    expect(await take()).toMatchObject({ remaining: 45 });
  });

  test('an assumed window begins without the calls in flight', async () => {
    const { clock, take, update } = await setUp();
    const first = clock.now() + 5000;
    await update({ limit: 50, remaining: 50, resetAtMs: first });
    for (const ticket of ['a', 'b', 'c']) await take({ ticket });
    clock.advance(5000);
    expect(await take({ ticket: 'd' })).toMatchObject({ isAssumed: true, remaining: 46 });
    await update({ limit: 50, remaining: 0, resetAtMs: first, ticket: 'a' });
    expect(await take()).toMatchObject({ remaining: 46 });
  });

  test('a lost call counts as spent, also at the turn of a window soon after; an unsent one does not', async () => {
    const { clock, take, update } = await setUp();
    await update({ limit: 50, remaining: 50, resetAtMs: clock.now() + 5000 });
    for (const ticket of ['a', 'b', 'c']) await take({ ticket });
    await update({ ticket: 'a', end: 'unsent' });
    await update({ ticket: 'b', end: 'lost' });
    expect(await take({ ticket: 'd' })).toMatchObject({ remaining: 47 });
    await update({ ticket: 'd', end: 'unsent' });
    clock.advance(4000);
    await update({ ticket: 'c', end: 'lost' });
    clock.advance(1000);
    expect(await take()).toMatchObject({ isAssumed: true, remaining: 48 });
  });

  test('a count below the own one leaves out the calls in flight, until they have ended', async () => {
    const { clock, take, update } = await setUp();
    const resetAtMs = clock.now() + 30_000;
    for (const ticket of ['a', 'b', 'c', 'd']) await take({ ticket });
    await update({ limit: 50, remaining: 20, resetAtMs, ticket: 'a' });
    expect(await take({ ticket: 'e' })).toMatchObject({ remaining: 16 });
    for (const ticket of ['b', 'c', 'd', 'e']) {
      await update({ limit: 50, remaining: 19, resetAtMs, ticket });
    }
    expect(await take()).toMatchObject({ remaining: 18 });
  });

  test('resets that roll move the window, and never forget a call in flight', async () => {
    const { clock, take, update } = await setUp();
    await take({ ticket: 'first' });
    await update({ limit: 50, remaining: 49, resetAtMs: clock.now() + 60_000, ticket: 'first' });
    for (let second = 0; second < 100; second += 1) {
      clock.advance(1000);
      await take({ ticket: `${second}` });
      await take({ ticket: `slow ${second}`, ticketMs: 5000 });
      const resetAtMs = clock.now() + 60_000;
      await update({ limit: 50, remaining: 20, resetAtMs, ticket: `${second}` });
    }
    expect((await take()).remaining).toBeLessThanOrEqual(15);
    expect((await take()).remaining).toBeGreaterThanOrEqual(12);
  });

  test('after a refusal one call is sent, and the others when a response to it has come', async () => {
    const { clock, take, update } = await setUp();
    await take({ ticket: 'late' });
    await update({ pausedUntilMs: clock.now() + 3000 });
    expect(await take()).toMatchObject({ isTaken: false, isPending: false });
    clock.advance(3000);
    expect(await take({ ticket: 'probe' })).toMatchObject({ isTaken: true });
    expect(await take()).toMatchObject({ isTaken: false, isPending: true });
    await update({ ticket: 'late' });
    expect(await take()).toMatchObject({ isTaken: false, isPending: true });
    await update({ ticket: 'probe', end: 'lost' });
    expect(await take({ ticket: 'second' })).toMatchObject({ isTaken: true });
    expect(await take()).toMatchObject({ isTaken: false, isPending: true });
    await update({ ticket: 'second', end: 'failed' });
    expect(await take({ ticket: 'third' })).toMatchObject({ isTaken: true });
    await update({ ticket: 'third' });
    expect((await take()).isTaken).toBe(true);
    expect((await take()).isTaken).toBe(true);
  });

  test('a probe that never ends blocks the others for as long as a call takes, at most', async () => {
    const { clock, take } = await setUp(true);
    expect((await take()).isTaken).toBe(true);
    clock.advance(ticketMs - 1);
    expect(await take()).toMatchObject({ isTaken: false, isPending: true });
    clock.advance(1);
    expect((await take()).isTaken).toBe(true);
  });

  test('nothing is taken from another incarnation of a budget', async () => {
    const { take } = await setUp();
    const { incarnation } = await take({}, 'one');
    expect(await take({ incarnation }, 'one')).toMatchObject({ isTaken: true, incarnation });
    const other = await take({ incarnation: incarnation + 1 }, 'one');
    expect(other.isTaken).toBe(false);
    expect(other.incarnation).not.toBe(incarnation + 1);
    expect(await take({ incarnation }, 'two')).toMatchObject({ isTaken: false });
    expect(await take({}, 'two')).toMatchObject({ isTaken: true, remaining: 49 });
  });

  test('the window is seen without taking from it: reported, with calls in flight as spent, until it ends', async () => {
    const { clock, store, take, update } = await setUp();
    const peek = (tenant = 'tenant') => store.peek(tenant, clock.now());
    expect(await peek()).toBeNull();
    await take({ ticket: 'a' });
    expect(await peek()).toBeNull();
    const resetAtMs = clock.now() + 30_000;
    await update({ limit: 50, remaining: 40, resetAtMs, ticket: 'a' });
    expect(await peek()).toEqual({ limit: 50, remaining: 40, resetAtMs });
    await take({ ticket: 'b' });
    for (let times = 0; times < 2; times += 1) {
      expect(await peek()).toEqual({ limit: 50, remaining: 39, resetAtMs });
    }
    expect(await peek('other')).toBeNull();
    clock.advance(29_999);
    expect(await peek()).toMatchObject({ remaining: 39 });
    clock.advance(1);
    expect(await peek()).toBeNull();
  });

  testRandomEvents(setUp);
}
