import { Counter, Histogram, type Registry } from 'prom-client';
import { createBatch } from './batch.ts';

/** One GraphQL operation, when its answer was sent. */
export interface OperationFacts {
  readonly operation: string;
  readonly durationMs: number;
  /** Upstream calls it started; null: it read no instances. */
  readonly calls: number | null;
  /** The first error's; null: none. */
  readonly code: string | null;
  /** How old the oldest row of the answer was; null: it has none. */
  readonly ageMs: number | null;
  readonly stale: boolean;
}

export interface OperationMetrics {
  readonly operated: (operation: OperationFacts) => void;
  /** An answer was not made, but served again. */
  readonly reused: () => void;
}

/** Names with figures of their own. A name is whatever a client writes: only so many are told apart. */
const mostNames = 100;

export function createOperationMetrics(registry: Registry): OperationMetrics {
  const batch = createBatch<OperationFacts>((facts) => {
    const operation = nameOf(facts);
    operations.inc({ operation, code: facts.code ?? 'OK' });
    durations.observe({ operation }, facts.durationMs / 1000);
    if (facts.ageMs !== null) ages.observe(Math.max(0, facts.ageMs) / 1000);
    if (facts.stale) stale.inc();
  });
  const shared = { registers: [registry], collect: batch.flush };
  const operations = new Counter({
    name: 'enviaai_operations_total',
    help: 'GraphQL operations answered.',
    labelNames: ['operation', 'code'],
    ...shared,
  });
  const durations = new Histogram({
    name: 'enviaai_operation_duration_seconds',
    help: 'How long a GraphQL operation took, from its last byte in to its answer out.',
    labelNames: ['operation'],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
    ...shared,
  });
  const ages = new Histogram({
    name: 'enviaai_answer_age_seconds',
    help: 'How old the oldest row of an answer was when it was sent.',
    buckets: [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60],
    ...shared,
  });
  const stale = new Counter({
    name: 'enviaai_stale_answers_total',
    help: 'Answers with a row older than FRESH_MS, because no newer one could be had.',
    ...shared,
  });
  const reused = new Counter({
    name: 'enviaai_answers_reused_total',
    help: 'Operations answered with the finished answer of an earlier one, whose pages were still the same.',
    ...shared,
  });
  const nameOf = createNames();

  return {
    operated: batch.add,
    reused: () => reused.inc(),
  };
}

/** A name takes a place only once instances were read in it without an error: strangers take none. */
function createNames(): (facts: OperationFacts) => string {
  const names = new Set<string>();
  return ({ operation, calls, code }) => {
    if (names.has(operation)) return operation;
    if (names.size >= mostNames || calls === null || code !== null) return 'other';
    names.add(operation);
    return operation;
  };
}
