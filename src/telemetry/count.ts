import type { Metrics } from './metrics.ts';
import type { OperationFacts } from './operation-metrics.ts';

/** What an operation cost, and how old what it served was. */
interface ReadCost {
  readonly asOf: number | null;
  readonly stale: boolean;
  /** Calls that it did not need, by what had their answers. */
  readonly saved: Readonly<Record<'memory' | 'replica' | 'narrowed', number>>;
}

/** An operation's figures: how it went, how old what it served was, and the calls that it did not need. */
export function count(
  metrics: Pick<Metrics, 'operated' | 'saved'>,
  operation: Omit<OperationFacts, 'ageMs' | 'stale'>,
  cost: ReadCost | null,
  now: number,
): void {
  const asOf = cost?.asOf ?? null;
  const ageMs = asOf === null ? null : now - asOf;
  metrics.operated({ ...operation, ageMs, stale: cost?.stale ?? false });
  for (const by of ['memory', 'replica', 'narrowed'] as const) {
    const calls = cost?.saved[by] ?? 0;
    if (calls > 0) metrics.saved(by, calls);
  }
}
