import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Purpose } from '#src/enviaai/budget.ts';
import {
  type Counting,
  createTimedVendor,
  type Latency,
  type TimedVendor,
} from '#test/support/budget/timed-vendor.ts';

interface Burst {
  /** Time before it, in milliseconds. */
  readonly after: number;
  readonly purpose: Purpose;
  readonly latencies: readonly Latency[];
}

const latency = (maxMs: number, isLost: fc.Arbitrary<boolean>): fc.Arbitrary<Latency> =>
  fc.record({ there: fc.nat(maxMs), back: fc.nat(maxMs), isLost });

const burst = (calls: fc.Arbitrary<Latency>): fc.Arbitrary<Burst> =>
  fc.record({
    after: fc.oneof(fc.nat(300), fc.nat(3000), fc.nat(70_000), fc.constant(60_000)),
    purpose: fc.constantFrom<Purpose>('required', 'write', 'demanded', 'refresh', 'live'),
    latencies: fc.array(calls, { minLength: 1, maxLength: 20 }),
  });

async function play(vendor: TimedVendor, bursts: readonly Burst[]): Promise<void> {
  for (const { after, purpose, latencies } of bursts) {
    await vendor.pass(after);
    for (const each of latencies) await vendor.send(purpose, each);
  }
  await vendor.pass(20_000);
}

const runs = { numRuns: Number(process.env['WALKS'] ?? 1000) };

describe.each<Counting>(['request', 'calendar', 'rolling'])('a vendor that counts by %s', (by) => {
  test('refuses no call, whatever the latencies, at no turn of a window', async () => {
    const bursts = fc.array(burst(latency(2000, fc.constant(false))), { maxLength: 20 });
    let served = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 12 }),
        fc.nat(59_999),
        bursts,
        async (...drawn) => {
          const [limit, ms, plan] = drawn;
          const vendor = createTimedVendor(limit, by, Date.UTC(2026, 0, 1) + ms);
          await play(vendor, plan);
          expect(vendor.refused).toEqual([]);
          served += vendor.served.length;
        },
      ),
      runs,
    );
    expect(served).toBeGreaterThan(runs.numRuns * 5);
  });

  test('refuses no call either if some answers are lost, and one of each burst is not', async () => {
    const isLost = fc.integer({ min: 0, max: 9 }).map((value) => value === 0);
    const bursts = fc.array(burst(latency(900, isLost)), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 12 }),
        fc.nat(59_999),
        bursts,
        async (...drawn) => {
          const [limit, ms, plan] = drawn;
          const vendor = createTimedVendor(limit, by, Date.UTC(2026, 0, 1) + ms);
          const heard = plan.map(({ latencies, ...rest }) => ({
            ...rest,
            latencies: latencies.map((each, index) => ({
              ...each,
              isLost: each.isLost && index > 0,
            })),
          }));
          await play(vendor, heard);
          expect(vendor.refused).toEqual([]);
        },
      ),
      runs,
    );
  });
});

test('all that a window has is served, though the turn finds calls in flight', async () => {
  const latencies = fc.array(latency(2000, fc.constant(false)), { minLength: 60, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(latencies, latencies, fc.nat(3000), async (first, second, pause) => {
      const vendor = createTimedVendor(50, 'calendar', Date.UTC(2026, 0, 1) - 9000);
      await vendor.send('required', { there: 0, back: 0, isLost: false });
      await vendor.pass(8000);
      for (const each of first.slice(0, 20)) await vendor.send('required', each);
      await vendor.pass(5000 + pause);
      for (const each of second) await vendor.send('required', each);
      await vendor.pass(5000);
      const counted = vendor.served.filter((at) => at >= Date.UTC(2026, 0, 1));
      expect(counted).toHaveLength(50);
      expect(vendor.refused).toEqual([]);
    }),
    { numRuns: 200 },
  );
});
