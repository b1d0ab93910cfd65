import type { LiveSource } from '#src/domain/live-source.ts';
import { type TrackEntries, untracked } from '#src/domain/memory-usage.ts';
import type { QrEvent } from '#src/domain/qr-event.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import type { LineReads } from './line-poller.ts';
import type { Watcher } from '#src/reading/live/watcher.ts';
import { createTenantLines, type TenantLines, type TenantLinesParts } from './tenant-lines.ts';

export interface LiveLinesParts extends TenantLinesParts {
  readonly readsOf: (watcher: Watcher) => LineReads;
  readonly track?: TrackEntries | undefined;
}

/** The lines whose QR codes are watched: each is polled once for all its subscribers. */
export interface LiveLines {
  watch(watcher: Watcher, id: string): LiveSource<QrEvent>;
}

export function createLiveLines(parts: LiveLinesParts): LiveLines {
  const { track = untracked } = parts;
  const tenants = new Map<Tenant, TenantLines>();
  track('watched_lines', () => [...tenants.values()].reduce((sum, { size }) => sum + size(), 0));

  function linesOf(watcher: Watcher): TenantLines {
    const { tenant } = watcher;
    const known = tenants.get(tenant);
    if (known) return known;
    const reads = parts.readsOf(watcher);
    const onEmpty = () => void tenants.delete(tenant);
    const lines = createTenantLines({ ...parts, tenant, reads, onEmpty });
    tenants.set(tenant, lines);
    return lines;
  }

  return {
    watch: (watcher, id) => ({
      current: () => tenants.get(watcher.tenant)?.find(id)?.event(),
      watch: (emit, signal) =>
        new Promise((resolve, reject) => {
          if (signal.aborted) return resolve();
          const end = (error?: unknown) => {
            signal.removeEventListener('abort', stop);
            if (error === undefined) resolve();
            else reject(error);
          };
          const stop = () => {
            leave();
            resolve();
          };
          signal.addEventListener('abort', stop);
          const leave = linesOf(watcher).join(id, { emit, end });
        }),
    }),
  };
}
