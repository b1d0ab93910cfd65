import { Counter, Histogram, type Registry } from 'prom-client';
import { type ReadField, readFields } from '#src/domain/read-field.ts';
import { createBatch } from './batch.ts';

/** One HTTP call to EnviaAI, after it ended. */
export interface CallFacts {
  readonly kind: string;
  readonly outcome: string;
  readonly durationMs: number;
  readonly rate: { readonly limit: number | null; readonly remaining: number | null } | null;
}

/** Why an upstream call was not necessary; docs/metrics.md explains the values. */
export type SavingCause = 'in_flight' | 'memory' | 'narrowed' | 'replica';

export interface CallMetrics {
  readonly countCall: (call: CallFacts) => void;
  /** The default is one call. */
  readonly countSavedCalls: (by: SavingCause, calls?: number) => void;
  /** Observes how long a call waited for the end of its key's window. */
  readonly observeWait: (ms: number) => void;
  /** Counts a call that was not sent because of the budget. */
  readonly countDenial: (purpose: string) => void;
  /** Counts a call that was refused to a caller that had had its fair share of a shared key. */
  readonly countShareDenial: () => void;
  /** Counts a value of EnviaAI that cannot be read. */
  readonly countUnreadable: (field: ReadField) => void;
}

/** All values of the labels. */
export interface CallLabels {
  readonly kinds: readonly string[];
  readonly outcomes: readonly string[];
  readonly purposes: readonly string[];
}

export function createCallMetrics(
  registry: Registry,
  { kinds, outcomes, purposes }: CallLabels,
): CallMetrics {
  const batch = createBatch<CallFacts>(({ kind, outcome, durationMs, rate }) => {
    calls.inc({ kind, outcome });
    durations.observe({ kind }, durationMs / 1000);
    if (rate?.limit && rate.remaining !== null) remaining.observe(rate.remaining / rate.limit);
  });
  const savings = createBatch<{ readonly by: SavingCause; readonly count: number }>(
    ({ by, count }) => saved.inc({ by }, count),
  );
  const registers = [registry];
  const counted = { registers, collect: batch.flush };
  const calls = new Counter({
    name: 'enviaai_upstream_calls_total',
    help: 'HTTP calls to EnviaAI that have ended.',
    labelNames: ['kind', 'outcome'],
    ...counted,
  });
  const durations = new Histogram({
    name: 'enviaai_upstream_call_duration_seconds',
    help: 'Duration of a call to EnviaAI in seconds, from the request for a connection to the last byte.',
    labelNames: ['kind'],
    buckets: [0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3, 5, 10],
    ...counted,
  });
  const saved = new Counter({
    name: 'enviaai_upstream_calls_saved_total',
    help: 'Calls to EnviaAI that were not necessary.',
    labelNames: ['by'],
    registers,
    collect: savings.flush,
  });
  const remaining = new Histogram({
    name: 'enviaai_budget_remaining_ratio',
    help: 'Remaining requests of a key divided by its limit, from 0 to 1, as EnviaAI reported them with a response.',
    buckets: [0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1],
    ...counted,
  });
  const waits = new Histogram({
    name: 'enviaai_budget_wait_seconds',
    help: 'How long calls waited for the end of the window of their key, in seconds.',
    buckets: [0.1, 0.25, 0.5, 1, 1.5, 2],
    registers,
  });
  const denials = new Counter({
    name: 'enviaai_budget_denials_total',
    help: 'Calls to EnviaAI that were not sent because of the budget.',
    labelNames: ['purpose'],
    registers,
  });
  const shareDenials = new Counter({
    name: 'enviaai_fair_share_denials_total',
    help: 'Calls to EnviaAI that were refused to a caller that had had its fair share of the shared key.',
    registers,
  });
  const unreadable = new Counter({
    name: 'enviaai_unreadable_fields_total',
    help: 'Values in responses of EnviaAI that cannot be read, or are a status that is not known.',
    labelNames: ['field'],
    registers,
  });

  // The series exist from the first scrape on, so that `rate` is right for their first increase.
  for (const kind of kinds) {
    for (const outcome of outcomes) calls.inc({ kind, outcome }, 0);
    durations.zero({ kind });
  }
  for (const by of ['in_flight', 'memory', 'narrowed', 'replica']) saved.inc({ by }, 0);
  for (const purpose of purposes) denials.inc({ purpose }, 0);
  for (const field of readFields) unreadable.inc({ field }, 0);

  return {
    // Copies the facts, because a call report has its caller's key.
    countCall: ({ kind, outcome, durationMs, rate }) =>
      batch.add({ kind, outcome, durationMs, rate }),
    countSavedCalls: (by, count = 1) => savings.add({ by, count }),
    observeWait: (ms) => waits.observe(ms / 1000),
    countDenial: (purpose) => denials.inc({ purpose }),
    countShareDenial: () => shareDenials.inc(),
    countUnreadable: (field) => unreadable.inc({ field }),
  };
}
