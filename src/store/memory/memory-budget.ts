import { createLru } from '#src/domain/lru.ts';
import { type TrackEntries, untracked } from '#src/domain/memory-usage.ts';
import { maxTenants, type Tenant } from '#src/domain/tenant.ts';
import type { BudgetState, BudgetStore } from '#src/store/budget-store.ts';
import {
  windowForRequest,
  windowForUpdate,
  afterUpdate,
  afterTake,
} from '#src/store/budget-window.ts';

/** The budgets of one process. */
export function createMemoryBudgetStore(track: TrackEntries = untracked): BudgetStore {
  const windows = createLru<Tenant, BudgetState>(maxTenants);
  track('budgets', () => windows.size);
  return {
    take: async (tenant, request) => {
      const window = windowForRequest(windows.get(tenant), request);
      const after = afterTake(window, request);
      windows.set(tenant, after ?? window);
      return { ...(after ?? window), isTaken: after !== undefined, activeReplicas: 1 };
    },
    update: async (tenant, update) => {
      const { now, limit = 1 } = update;
      const window = windowForUpdate(windows.get(tenant), { now, assumedLimit: limit });
      windows.set(tenant, afterUpdate(window, update));
    },
  };
}
