import process from 'node:process';
import * as fc from 'fast-check';
import { walk, type WalkOutcome, type WalkPlan } from './walk.ts';

export const walkPlans: fc.Arbitrary<WalkPlan> = fc.record({
  seed: fc.integer({ min: 1, max: 2 ** 31 }),
  rows: fc.oneof(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 31, max: 420 })),
  count: fc.oneof(fc.integer({ min: 1, max: 100 }), fc.constantFrom(1, 7, 10, 50, 99, 100)),
  direction: fc.constantFrom('forward', 'backward'),
  filter: fc.constantFrom('all', 'all', 'connected', 'connecting'),
  order: fc.constantFrom('ascending', 'descending', 'exceptions', 'none'),
  freshMs: fc.constantFrom(0, 2000, 2000),
  during: fc.constantFrom(0, 0.1, 0.5),
  between: fc.constantFrom(0, 1, 3, 8),
  pauseMs: fc.constantFrom(1, 1000, 5000, 30_000),
  others: fc.boolean(),
  bulk: fc.boolean(),
  screens: fc.constant(false),
});

/** Sums over the outcomes of all walks. */
export interface WalkSums {
  readonly walks: number;
  readonly again: number;
  readonly pages: number;
  readonly calls: number;
  readonly skipped: number;
  readonly repeated: number;
  readonly lost: number;
  readonly stuck: number;
}

/**
 * Runs this number of random plans, prints the sums, and fails with the plan of the first bad outcome.
 */
export async function walkAtRandom(
  plans: fc.Arbitrary<WalkPlan>,
  numRuns: number,
  isGood: (outcome: WalkOutcome) => boolean,
): Promise<WalkSums> {
  const outcomes: WalkOutcome[] = [];
  const property = fc.asyncProperty(plans, async (plan) => {
    const outcome = await walk(plan);
    outcomes.push(outcome);
    if (!isGood(outcome)) throw new Error(JSON.stringify({ plan, outcome }));
  });
  // No shrinking: in a smaller plan every random choice of the walk differs.
  await fc.assert(property, { numRuns, endOnFailure: true });

  const sumOf = (numberOf: (outcome: WalkOutcome) => number | boolean) =>
    outcomes.reduce((sum, outcome) => sum + Number(numberOf(outcome)), 0);
  const sums: WalkSums = {
    walks: outcomes.length,
    again: sumOf(({ again }) => again),
    pages: sumOf(({ pages }) => pages),
    calls: sumOf(({ calls }) => calls),
    skipped: sumOf(({ skipped }) => skipped.length),
    repeated: sumOf(({ repeated }) => repeated.length),
    lost: sumOf(({ lost }) => lost),
    stuck: sumOf(({ stuck }) => stuck),
  };
  process.stdout.write(`${JSON.stringify(sums)}\n`);
  return sums;
}

/** No row was skipped, no page was empty, and the walk reached its end. */
export const isComplete = ({ skipped, empty, stuck }: WalkOutcome): boolean =>
  skipped.length + empty === 0 && !stuck;

/** Also each row once and in order; only a walk whose cursor lost its rows may repeat some. */
export const isExact = (outcome: WalkOutcome): boolean =>
  isComplete(outcome) &&
  (outcome.lost || outcome.repeated.length + outcome.disordered.length === 0);

/** A walk takes a few milliseconds, and at most 0.1 s on a busy machine. */
export const timeoutFor = (walks: number): { readonly timeout: number } => ({
  timeout: 60_000 + walks * 100,
});
