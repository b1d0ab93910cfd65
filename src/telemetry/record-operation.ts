import type { Metrics } from './metrics.ts';
import type { OperationFacts } from './operation-metrics.ts';

/** The cost of an operation, as far as the metrics report it. */
interface CostFacts {
  readonly asOf: number | null;
  readonly stale: boolean;
  /** Upstream calls that were not necessary, by the cause. */
  readonly saved: Readonly<Record<'memory' | 'replica' | 'narrowed', number>>;
}

/** Counts an operation: its outcome, the age of its rows, and the calls that it saved. */
export function recordOperation(
  metrics: Pick<Metrics, 'countOperation' | 'countSavedCalls'>,
  operation: Omit<OperationFacts, 'durationMs' | 'ageMs' | 'stale'> & {
    readonly type: string | null;
    readonly durationMs: number;
  },
  cost: CostFacts | null,
  now: number,
): void {
  const asOf = cost?.asOf ?? null;
  const ageMs = asOf === null ? null : now - asOf;
  // How long a stream was open is no response time.
  const durationMs = operation.type === 'subscription' ? null : operation.durationMs;
  metrics.countOperation({ ...operation, durationMs, ageMs, stale: cost?.stale ?? false });
  for (const cause of ['memory', 'replica', 'narrowed'] as const) {
    const calls = cost?.saved[cause] ?? 0;
    if (calls > 0) metrics.countSavedCalls(cause, calls);
  }
}
