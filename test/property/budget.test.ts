import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Purpose } from '#src/enviaai/budget.ts';
import { createVendor, type Vendor } from '#test/support/budget/vendor.ts';
import { runs } from '#test/support/random/random-runs.ts';

/** Requests at the same time; a response that arrives or is lost; time that passes. */
type Step =
  | { readonly purpose: Purpose; readonly times: number }
  | { readonly answer: number; readonly lost: boolean }
  | { readonly passes: number };

const send = fc.record({
  purpose: fc.constantFrom<Purpose>('write', 'required', 'demanded', 'refresh', 'live'),
  times: fc.integer({ min: 1, max: 8 }),
});
const respond = fc.record({ answer: fc.nat(20), lost: fc.boolean() });
const waitMs = fc.oneof(fc.nat(3000), fc.nat(70_000));
const wait = (ms: fc.Arbitrary<number>) => fc.record({ passes: ms });

const limits = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.nat(5))
  .map(([assumed, more]) => ({ assumed, limit: assumed + more }));

async function play(
  vendor: Vendor,
  steps: readonly Step[],
  respondsAtOnce: boolean,
): Promise<void> {
  for (const step of steps) {
    if ('passes' in step) vendor.clock.advance(step.passes);
    else if ('answer' in step) await vendor.hear(step.answer, step.lost);
    else {
      for (let times = 0; times < step.times; times += 1) {
        await vendor.send(step.purpose);
        if (respondsAtOnce) await vendor.hear(0, false);
      }
    }
  }
}

const startAt = Date.UTC(2026, 0, 1);
const numRuns = runs(2000);
const timeout = { timeout: 60_000 + numRuns * 5 };
const sum = (counts: readonly number[]) => counts.reduce((all, count) => all + count, 0);

test(
  'no window has more requests than its limit, if responses are late, out of order or lost',
  timeout,
  async () => {
    const seconds = waitMs.map((ms) => Math.round(ms / 1000) * 1000);
    const steps = fc.array(fc.oneof(send, respond, respond, wait(seconds)), {
      minLength: 5,
      maxLength: 60,
    });
    let requests = 0;
    await fc.assert(
      fc.asyncProperty(limits, steps, async ({ assumed, limit }, plan) => {
        const vendor = createVendor({ limit, assumed, startAt });
        await play(vendor, plan, false);
        expect(Math.max(0, ...vendor.windows)).toBeLessThanOrEqual(limit);
        requests += sum(vendor.windows);
      }),
      { numRuns },
    );
    expect(requests).toBeGreaterThan(5 * numRuns);
  },
);

test(
  'no window has more requests than its limit if it ends within a second and each response precedes the next request',
  timeout,
  async () => {
    const steps = fc.array(fc.oneof(send, send, wait(waitMs)), { minLength: 5, maxLength: 60 });
    let requests = 0;
    await fc.assert(
      fc.asyncProperty(limits, fc.nat(999), steps, async ({ assumed, limit }, ms, plan) => {
        const vendor = createVendor({ limit, assumed, startAt: startAt + ms });
        await play(vendor, plan, true);
        expect(Math.max(0, ...vendor.windows)).toBeLessThanOrEqual(limit);
        requests += sum(vendor.windows);
      }),
      { numRuns },
    );
    expect(requests).toBeGreaterThan(5 * numRuns);
  },
);

test('writes and required reads may spend a whole window', timeout, async () => {
  const urgent = fc.constantFrom<Purpose>('write', 'required');
  await fc.assert(
    fc.asyncProperty(limits, urgent, async ({ assumed, limit }, purpose) => {
      const vendor = createVendor({ limit, assumed, startAt });
      await play(vendor, [{ purpose, times: limit + 5 }, { passes: 60_000 }], true);
      await play(vendor, [{ purpose, times: limit + 5 }], true);
      expect(vendor.windows).toEqual([limit, limit]);
    }),
    { numRuns: runs(200) },
  );
});

test('a write gets the last request, whatever other calls have spent', timeout, async () => {
  const others = fc.array(
    fc.oneof(
      fc.record({
        purpose: fc.constantFrom<Purpose>('demanded', 'refresh', 'live'),
        times: fc.integer({ min: 1, max: 8 }),
      }),
      wait(fc.nat(5000)),
    ),
    { maxLength: 60 },
  );
  const limitsWithReserve = fc.integer({ min: 10, max: 60 });
  await fc.assert(
    fc.asyncProperty(limitsWithReserve, others, async (limit, steps) => {
      const vendor = createVendor({ limit, assumed: limit, startAt });
      await play(vendor, steps, true);
      expect(await vendor.send('write')).toBe(true);
    }),
    { numRuns: runs(300) },
  );
});

test(
  'live calls spend at most half of what is above the reserve in any window',
  timeout,
  async () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({
          purpose: fc.constantFrom<Purpose>('live', 'live', 'refresh', 'required'),
          times: fc.integer({ min: 1, max: 8 }),
        }),
        wait(waitMs),
      ),
      { minLength: 5, maxLength: 100 },
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 60 }), steps, async (limit, plan) => {
        const vendor = createVendor({ limit, assumed: limit, startAt });
        const liveCalls: number[] = [];
        for (const step of plan) {
          if ('passes' in step) vendor.clock.advance(step.passes);
          else {
            for (let times = 0; times < step.times; times += 1) {
              const isSent = await vendor.send(step.purpose);
              await vendor.hear(0, false);
              const window = vendor.windows.length - 1;
              liveCalls[window] ??= 0;
              if (isSent && step.purpose === 'live') liveCalls[window] += 1;
            }
          }
        }
        const half = Math.floor((limit - Math.floor(limit / 10)) / 2);
        expect(Math.max(0, ...liveCalls)).toBeLessThanOrEqual(half);
      }),
      { numRuns: runs(300) },
    );
  },
);

test('refreshes leave the reserve of a window, and continue when the next window starts', async () => {
  const vendor = createVendor({ limit: 50, assumed: 50, startAt });
  for (let second = 0; second < 180; second += 1) {
    await play(vendor, [{ purpose: 'refresh', times: 3 }, { passes: 1000 }], true);
  }
  expect(vendor.windows).toEqual([44, 44, 44]);
});

test('live calls have half of what refreshes have, and continue when the next window starts', async () => {
  const vendor = createVendor({ limit: 50, assumed: 50, startAt });
  for (let second = 0; second < 180; second += 1) {
    await play(vendor, [{ purpose: 'live', times: 3 }, { passes: 1000 }], true);
  }
  expect(vendor.windows).toEqual([22, 22, 22]);
});

test('refreshes and live calls together leave the reserve, and refreshes get at least half', async () => {
  const vendor = createVendor({ limit: 50, assumed: 50, startAt });
  let refreshes = 0;
  for (let second = 0; second < 60; second += 1) {
    await play(vendor, [{ purpose: 'live', times: 1 }], true);
    if (await vendor.send('refresh')) refreshes += 1;
    await play(vendor, [{ answer: 0, lost: false }, { passes: 1000 }], true);
  }
  expect(vendor.windows).toEqual([44]);
  expect(refreshes).toBeGreaterThanOrEqual(22);
});

test('a limit of one request a minute allows one refresh in every minute', async () => {
  const vendor = createVendor({ limit: 1, assumed: 1, startAt });
  for (let second = 0; second < 600; second += 1) {
    await play(vendor, [{ purpose: 'refresh', times: 2 }, { passes: 1000 }], true);
  }
  expect(vendor.windows).toEqual(Array.from({ length: 10 }, () => 1));
});
