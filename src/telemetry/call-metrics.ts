import { Counter, Histogram, type Registry } from 'prom-client';
import { createBatch } from './batch.ts';

/** How one HTTP call to the vendor went. */
export interface CallFacts {
  readonly kind: 'list' | 'get';
  readonly outcome: string;
  readonly durationMs: number;
  readonly rate: { readonly limit: number | null; readonly remaining: number | null } | null;
}

/** What spared a call. */
export type Saving = 'in_flight' | 'memory' | 'narrowed' | 'replica';

export interface CallMetrics {
  readonly called: (call: CallFacts) => void;
  readonly saved: (by: Saving, calls?: number) => void;
  /** A call had to wait for its key's window to end. */
  readonly waited: (ms: number) => void;
  /** A call was not made, for the sake of the budget. */
  readonly denied: (purpose: string) => void;
}

export function createCallMetrics(registry: Registry): CallMetrics {
  const batch = createBatch<CallFacts>(({ kind, outcome, durationMs, rate }) => {
    calls.inc({ kind, outcome });
    durations.observe({ kind }, durationMs / 1000);
    if (rate?.limit && rate.remaining !== null) remaining.observe(rate.remaining / rate.limit);
  });
  const savings = createBatch<{ readonly by: Saving; readonly count: number }>(({ by, count }) =>
    saved.inc({ by }, count),
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
    help: 'How long a call to EnviaAI took, from asking for a connection to the last byte.',
    labelNames: ['kind'],
    buckets: [0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3, 5, 10],
    ...counted,
  });
  const saved = new Counter({
    name: 'enviaai_upstream_calls_saved_total',
    help: 'Calls to EnviaAI that did not have to be made.',
    labelNames: ['by'],
    registers,
    collect: savings.flush,
  });
  const remaining = new Histogram({
    name: 'enviaai_budget_remaining_ratio',
    help: 'What EnviaAI said with an answer was left of its key, from 0 to 1.',
    buckets: [0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1],
    ...counted,
  });
  const waits = new Histogram({
    name: 'enviaai_budget_wait_seconds',
    help: 'How long calls waited for the window of their key to end.',
    buckets: [0.1, 0.25, 0.5, 1, 1.5, 2],
    registers,
  });
  const denials = new Counter({
    name: 'enviaai_budget_denials_total',
    help: 'Calls that were wanted, and not made for the sake of the budget.',
    labelNames: ['purpose'],
    registers,
  });

  // From the first scrape on, so that a rate over the first one is right.
  for (const by of ['in_flight', 'memory', 'narrowed', 'replica']) saved.inc({ by }, 0);
  for (const purpose of ['required', 'demanded', 'refresh']) denials.inc({ purpose }, 0);

  return {
    // The facts alone: a report holds its caller's key.
    called: ({ kind, outcome, durationMs, rate }) => batch.add({ kind, outcome, durationMs, rate }),
    saved: (by, count = 1) => savings.add({ by, count }),
    waited: (ms) => waits.observe(ms / 1000),
    denied: (purpose) => denials.inc({ purpose }),
  };
}
