import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createVendor, type Vendor } from '#test/support/budget/vendor.ts';
import { runs } from '#test/support/random/random-runs.ts';

/** Requests at the same time; a response that arrives or is lost; time that passes. */
type Step =
  | { readonly purpose: 'required' | 'demanded' | 'refresh'; readonly times: number }
  | { readonly answer: number; readonly lost: boolean }
  | { readonly passes: number };

const send = fc.record({
  purpose: fc.constantFrom('required' as const, 'demanded' as const, 'refresh' as const),
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

test('required reads may spend a whole window', timeout, async () => {
  await fc.assert(
    fc.asyncProperty(limits, async ({ assumed, limit }) => {
      const vendor = createVendor({ limit, assumed, startAt });
      await play(vendor, [{ purpose: 'required', times: limit + 5 }, { passes: 60_000 }], true);
      await play(vendor, [{ purpose: 'required', times: limit + 5 }], true);
      expect(vendor.windows).toEqual([limit, limit]);
    }),
    { numRuns: runs(200) },
  );
});

test('refreshes leave the reserve of a window, and continue when the next window starts', async () => {
  const vendor = createVendor({ limit: 50, assumed: 50, startAt });
  for (let second = 0; second < 180; second += 1) {
    await play(vendor, [{ purpose: 'refresh', times: 3 }, { passes: 1000 }], true);
  }
  expect(vendor.windows).toEqual([44, 44, 44]);
});

test('a limit of one request a minute allows one refresh in every minute', async () => {
  const vendor = createVendor({ limit: 1, assumed: 1, startAt });
  for (let second = 0; second < 600; second += 1) {
    await play(vendor, [{ purpose: 'refresh', times: 2 }, { passes: 1000 }], true);
  }
  expect(vendor.windows).toEqual(Array.from({ length: 10 }, () => 1));
});
