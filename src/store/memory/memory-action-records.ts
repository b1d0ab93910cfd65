import { Failure } from '#src/domain/failure.ts';
import { createLru } from '#src/domain/lru.ts';
import { type TrackEntries, untracked } from '#src/domain/memory-usage.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import type { ActionRecords } from '#src/store/action-records.ts';

/** Upper bound on actions that are remembered; the least recently used are dropped. */
const maxRecords = 20_000;

/** Interval at which expired outcomes are dropped, in milliseconds: some are QR codes. */
const sweepMs = 60_000;

interface Running {
  readonly kind: 'running';
  /** Resolves when it has ended, whatever the outcome. */
  readonly ended: Promise<void>;
}

interface Finished {
  readonly kind: 'finished';
  readonly outcome: string;
  readonly until: number;
}

export interface MemoryActionRecords extends ActionRecords {
  /** The outcome of an action, if necessary after it has finished; undefined: none began here. */
  find(tenant: Tenant, name: string, signal: AbortSignal): Promise<Finished | undefined>;
}

/** Actions of this process. None is ever lost: they are forgotten together. */
export function createMemoryActionRecords(
  now: () => number,
  track: TrackEntries = untracked,
): MemoryActionRecords {
  const records = createLru<string, Running | Finished>(maxRecords);
  track('actions', () => records.size);
  const keyOf = (tenant: Tenant, name: string) => `${tenant} ${name}`;

  let sweptAt = now();

  const isExpired = (record: Running | Finished | undefined): boolean =>
    record?.kind === 'finished' && record.until <= now();
  const sweep = () => {
    if (now() - sweptAt < sweepMs) return;
    sweptAt = now();
    for (const [key, record] of Array.from(records.entries())) {
      if (isExpired(record)) records.delete(key);
    }
  };
  const current = (key: string): Running | Finished | undefined => {
    const record = records.get(key);
    return isExpired(record) ? undefined : record;
  };

  return {
    async find(tenant, name, signal) {
      const key = keyOf(tenant, name);
      for (;;) {
        const record = current(key);
        if (record?.kind !== 'running') return record;
        await untilAborted(record.ended, signal);
      }
    },
    async begin(tenant, name, { signal }) {
      const key = keyOf(tenant, name);
      // Nothing is awaited between the last look and the new record.
      for (let record = current(key); record; record = current(key)) {
        if (record.kind === 'finished') return record;
        await untilAborted(record.ended, signal);
      }
      sweep();
      const { promise: ended, resolve } = Promise.withResolvers<void>();
      const running: Running = { kind: 'running', ended };
      records.set(key, running);
      const end = async (finished?: Finished) => {
        if (finished) records.set(key, finished);
        else if (records.get(key) === running) records.delete(key);
        resolve();
      };
      return {
        kind: 'begun',
        finish: (outcome, lifetimeMs) =>
          end({ kind: 'finished', outcome, until: now() + lifetimeMs }),
        undo: () => end(),
      };
    },
    async forget(tenant, name) {
      const key = keyOf(tenant, name);
      if (records.get(key)?.kind === 'finished') records.delete(key);
    },
  };
}

/** Rejects with a `timeout` once the signal is aborted. */
async function untilAborted(ended: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise: aborted, resolve } = Promise.withResolvers<void>();
  const onAbort = () => resolve();
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  await Promise.race([ended, aborted]);
  signal.removeEventListener('abort', onAbort);
  if (signal.aborted) throw new Failure('timeout', 'The same action is still in flight');
}
