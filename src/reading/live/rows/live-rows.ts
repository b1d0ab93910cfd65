import type { InstanceChanges } from '#src/domain/instance-changes.ts';
import type { LiveSource } from '#src/domain/live-source.ts';
import { type TrackEntries, untracked } from '#src/domain/memory-usage.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import type { Watcher } from '#src/reading/live/watcher.ts';
import { createReportingRows, type ReportingRows } from './reporting-rows.ts';
import { createRowFollower, type RowFollower } from './row-follower.ts';
import {
  createTenantRows,
  type RowReads,
  type RowsWatch,
  type TenantRows,
  type TenantRowsParts,
} from './tenant-rows.ts';

export interface LiveRowsParts extends TenantRowsParts {
  readonly readsOf: (watcher: Watcher) => RowReads;
  readonly track?: TrackEntries | undefined;
}

/** What a subscription watches, and whether each of its events is complete. */
export type RowsSubscription = RowsWatch & { readonly isWhole: boolean };

/** The rows that are watched: each tenant has one poller for all its subscribers. */
export interface LiveRows {
  watch(watcher: Watcher, subscription: RowsSubscription): LiveSource<InstanceChanges>;
}

export function createLiveRows(parts: LiveRowsParts): LiveRows {
  const { clock, track = untracked } = parts;
  const tenants = new Map<Tenant, TenantRows>();
  /** Of accounts whose webhooks have come, which are in the configuration. */
  const reportingOf = new Map<Tenant, ReportingRows>();
  track('watched_rows', () => [...tenants.values()].reduce((sum, { size }) => sum + size(), 0));

  function rowsOf(watcher: Watcher): TenantRows {
    const { tenant } = watcher;
    const known = tenants.get(tenant);
    if (known) return known;
    const reads = parts.readsOf(watcher);
    const reporting = reportingOf.get(tenant) ?? createReportingRows();
    const onEmpty = () => {
      tenants.delete(tenant);
      if (reporting.isEmpty()) reportingOf.delete(tenant);
      else reportingOf.set(tenant, reporting);
    };
    const rows = createTenantRows({ ...parts, tenant, reads, reporting, onEmpty });
    tenants.set(tenant, rows);
    return rows;
  }

  return {
    watch(watcher, subscription) {
      let follower: RowFollower | undefined;
      return {
        current: () => follower?.current(),
        watch: (emit, signal, write) =>
          new Promise((resolve, reject) => {
            if (signal.aborted) return resolve();
            const { isWhole } = subscription;
            const { view, join } = rowsOf(watcher).viewOf(subscription);
            const fail = (error: unknown) => {
              end();
              reject(error);
            };
            follower = createRowFollower({ view, isWhole, clock, emit, write, onError: fail });
            const { changed, stop } = follower;
            let isEnded = false;
            let leave = () => {};
            const end = () => {
              isEnded = true;
              stop();
              leave();
              leave = () => {};
              signal.removeEventListener('abort', finish);
            };
            const finish = () => {
              end();
              resolve();
            };
            signal.addEventListener('abort', finish);
            leave = join({ changed, fail });
            if (isEnded) leave();
            else changed();
          }),
      };
    },
  };
}
