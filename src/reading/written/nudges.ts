import type { SetTimer } from '#src/domain/clock.ts';
import { type TrackEntries, untracked } from '#src/domain/memory-usage.ts';
import type { Tenant } from '#src/domain/tenant.ts';

/** Reports that instances have changed, at most once a second for one instance. */
export interface Nudges {
  /** Reports at once, or a second after the last report of the same instance. */
  readonly add: (tenant: Tenant, id: string) => void;
  /** Reports what waits, and ends the timers. */
  readonly flush: () => Promise<void>;
}

export interface NudgesOptions {
  /** Never rejects. */
  readonly apply: (tenant: Tenant, id: string) => Promise<void>;
  readonly setTimer: SetTimer;
  readonly track?: TrackEntries | undefined;
}

const spacingMs = 1000;

/** Above this, a report does not wait: a burst over many instances costs no memory. */
const maxReported = 10_000;

interface Reported {
  readonly tenant: Tenant;
  readonly id: string;
  readonly cancel: () => void;
  /** Whether the instance has changed again since the report. */
  isChanged: boolean;
}

export function createNudges({ apply, setTimer, track = untracked }: NudgesOptions): Nudges {
  /** Instances that were reported within the last second. */
  const reported = new Map<string, Reported>();
  track('webhook_instances', () => reported.size);

  function report(tenant: Tenant, id: string): Promise<void> {
    const key = `${tenant} ${id}`;
    if (reported.size < maxReported) {
      const cancel = setTimer(spacingMs, () => {
        const last = reported.get(key);
        reported.delete(key);
        if (last?.isChanged) void report(tenant, id);
      });
      reported.set(key, { tenant, id, cancel, isChanged: false });
    }
    return apply(tenant, id);
  }

  return {
    add(tenant, id) {
      const last = reported.get(`${tenant} ${id}`);
      if (last) last.isChanged = true;
      else void report(tenant, id);
    },
    async flush() {
      const all = [...reported.values()];
      reported.clear();
      for (const { cancel } of all) cancel();
      const waiting = all.filter(({ isChanged }) => isChanged);
      await Promise.all(waiting.map(({ tenant, id }) => apply(tenant, id)));
    },
  };
}
