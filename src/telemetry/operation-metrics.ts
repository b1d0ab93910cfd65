import { Counter, Histogram, type Registry } from 'prom-client';
import { type TrackEntries, untracked } from '#src/domain/memory-usage.ts';
import { createBatch } from './batch.ts';

/** One GraphQL operation, after its response was sent. */
export interface OperationFacts {
  readonly operation: string;
  /** Null: it was a subscription. */
  readonly durationMs: number | null;
  /** Upstream calls that it started; null: it read no instances. */
  readonly calls: number | null;
  /** The code of the first error; null: there was no error. */
  readonly code: string | null;
  /** Age of the oldest row of the response; null: it has no rows. */
  readonly ageMs: number | null;
  readonly stale: boolean;
}

export interface OperationMetrics {
  readonly countOperation: (operation: OperationFacts) => void;
  /** Counts a request that ended by a fault of this server before its operation was finished. */
  readonly countFault: () => void;
  /** Counts an operation that the response cache answered. */
  readonly countCacheHit: () => void;
  /** Counts an execution of an operation that reads instances. */
  readonly countExecution: () => void;
  /** Counts an operation that joined an equal one in progress. */
  readonly countJoin: () => void;
}

export interface OperationMetricsOptions {
  /** All codes that an error can have. */
  readonly codes: readonly string[];
  /** Names of the operations of trusted documents: each has a label value from the start. */
  readonly trustedNames: readonly string[];
  readonly track?: TrackEntries;
}

/** Maximum number of label values besides the trusted names. Clients choose these names. */
const maxNames = 100;

/** The label value of an operation without another one. */
const other = 'other';

export function createOperationMetrics(
  registry: Registry,
  { codes, trustedNames, track = untracked }: OperationMetricsOptions,
): OperationMetrics {
  const batch = createBatch<OperationFacts>((facts) => {
    const operation = nameOf(facts);
    operations.inc({ operation, code: facts.code ?? 'OK' });
    if (facts.code !== null) errors.inc({ code: facts.code });
    if (facts.durationMs !== null) durations.observe({ operation }, facts.durationMs / 1000);
    if (facts.ageMs !== null) ages.observe(Math.max(0, facts.ageMs) / 1000);
    if (facts.stale) stale.inc();
  });
  const shared = { registers: [registry], collect: batch.flush };
  const operations = new Counter({
    name: 'enviaai_operations_total',
    help: 'GraphQL operations that were answered.',
    labelNames: ['operation', 'code'],
    ...shared,
  });
  const errors = new Counter({
    name: 'enviaai_operation_errors_total',
    help: 'GraphQL operations that were answered with an error, by the code of the first one, and requests that ended by a fault.',
    labelNames: ['code'],
    ...shared,
  });
  const durations = new Histogram({
    name: 'enviaai_operation_duration_seconds',
    help: 'Duration of a GraphQL operation in seconds, from the last byte of the request to its response.',
    labelNames: ['operation'],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
    ...shared,
  });
  const ages = new Histogram({
    name: 'enviaai_answer_age_seconds',
    help: 'Age of the oldest row of a response in seconds, when the response was sent.',
    buckets: [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60],
    ...shared,
  });
  const stale = new Counter({
    name: 'enviaai_stale_answers_total',
    help: 'Responses with a row older than FRESH_MS, because no newer row was available.',
    ...shared,
  });
  const cacheHits = new Counter({
    name: 'enviaai_answers_reused_total',
    help: 'Operations that were answered from the response cache, without execution.',
    ...shared,
  });
  const executions = new Counter({
    name: 'enviaai_executions_total',
    help: 'Executions of operations that read instances. Several operations can share one.',
    ...shared,
  });
  const joined = new Counter({
    name: 'enviaai_operations_joined_total',
    help: 'Operations that joined an equal one in progress, to share its response.',
    ...shared,
  });
  const trusted = new Set(trustedNames);
  const names = new Set<string>();
  track('operation_names', () => names.size);
  const nameOf = createLabels(trusted, names);

  for (const code of codes) errors.inc({ code }, 0);
  for (const operation of [other, ...trusted]) {
    operations.inc({ operation, code: 'OK' }, 0);
    durations.zero({ operation });
  }

  return {
    countOperation: batch.add,
    countFault: () => errors.inc({ code: 'INTERNAL_SERVER_ERROR' }),
    countCacheHit: () => cacheHits.inc(),
    countExecution: () => executions.inc(),
    countJoin: () => joined.inc(),
  };
}

/**
 * The label of an operation: its name, or `other`. A name that is not trusted gets a label only
 * from an operation that read instances without an error, so that a caller without a valid key
 * cannot use them up. Trusted names are not counted among the 100, so that no caller can.
 */
function createLabels(
  trusted: ReadonlySet<string>,
  names: Set<string>,
): (facts: OperationFacts) => string {
  return ({ operation, calls, code }) => {
    if (trusted.has(operation) || names.has(operation)) return operation;
    if (names.size >= maxNames || calls === null || code !== null) return other;
    names.add(operation);
    return operation;
  };
}
