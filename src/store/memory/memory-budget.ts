import { createLru } from '#src/domain/lru.ts';
import { type TrackEntries, untracked } from '#src/domain/memory-usage.ts';
import { maxTenants, type Tenant } from '#src/domain/tenant.ts';
import type { RestorableBudgetStore, TakeResult } from '#src/store/budget-store.ts';
import {
  afterRestore,
  afterTake,
  afterUpdate,
  type BudgetWindow,
  windowForRequest,
  windowForUpdate,
} from '#src/store/budget-window.ts';

interface StoredWindow {
  readonly window: BudgetWindow;
  readonly incarnation: number;
}

export interface MemoryBudgetOptions {
  /**
   * Whether a tenant's first call has to report what is left before others are sent. Default:
   * false, as for the only process that uses a key.
   */
  readonly needsProbe?: boolean;
  readonly track?: TrackEntries | undefined;
}

/** The budgets of one process. */
export function createMemoryBudgetStore(options: MemoryBudgetOptions = {}): RestorableBudgetStore {
  const { needsProbe = false, track = untracked } = options;
  const windows = createLru<Tenant, StoredWindow>(maxTenants);
  track('budgets', () => windows.size);
  let incarnations = 0;

  const write = (tenant: Tenant, window: BudgetWindow): number => {
    const incarnation = windows.get(tenant)?.incarnation ?? (incarnations += 1);
    windows.set(tenant, { window, incarnation });
    return incarnation;
  };

  return {
    take: async (tenant, request) => {
      const stored = windows.get(tenant);
      const window = windowForRequest(stored?.window, { ...request, needsProbe });
      const { incarnation } = request;
      if (incarnation !== undefined && incarnation !== stored?.incarnation) {
        return { ...stateOf(window), ...nothingTaken, incarnation: stored?.incarnation ?? 0 };
      }
      const after = afterTake(window, request);
      const isTaken = typeof after !== 'string';
      const next = isTaken ? after : window;
      return {
        ...stateOf(next),
        ...nothingTaken,
        isTaken,
        isPending: after === 'pending',
        incarnation: write(tenant, next),
      };
    },
    update: async (tenant, update) => {
      const { now, limit = 1 } = update;
      const begin = { now, assumedLimit: limit, needsProbe };
      const window = windowForUpdate(windows.get(tenant)?.window, begin);
      write(tenant, afterUpdate(window, update));
    },
    peek: async (tenant, now) => {
      const window = windows.get(tenant)?.window;
      if (!window || window.isAssumed || window.reported === null) return null;
      if (window.resetAtMs <= now) return null;
      const { limit, remaining, resetAtMs } = stateOf(window);
      return { limit, remaining, resetAtMs };
    },
    restore: async (tenant, known) => {
      const begin = { now: known.now, assumedLimit: known.limit, needsProbe };
      write(tenant, afterRestore(windowForUpdate(windows.get(tenant)?.window, begin), known));
    },
  };
}

const nothingTaken = { isTaken: false, isPending: false, activeReplicas: 1 } as const;

function stateOf({
  limit,
  remaining,
  resetAtMs,
  pausedUntilMs,
  isAssumed,
}: BudgetWindow): Omit<TakeResult, keyof typeof nothingTaken | 'incarnation'> {
  return { limit, remaining: Math.max(0, remaining), resetAtMs, pausedUntilMs, isAssumed };
}
