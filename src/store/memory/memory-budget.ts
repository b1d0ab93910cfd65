import type { Tenant } from '#src/domain/tenant.ts';
import type { BudgetState, BudgetStore } from '#src/store/budget-store.ts';
import {
  windowForRequest,
  windowForUpdate,
  afterUpdate,
  afterTake,
} from '#src/store/budget-window.ts';

/** Tenants remembered at most; those not met for longest go first. */
const mostTenants = 20_000;

/** With fewer, none is moved to note that it was met: V8 would build the map anew all the time. */
const manyTenants = mostTenants / 2;

/** The budgets of this process alone. */
export function createMemoryBudgetStore(): BudgetStore {
  const windows = new Map<Tenant, BudgetState>();

  const keep = (tenant: Tenant, window: BudgetState) => {
    if (windows.size > manyTenants) windows.delete(tenant);
    windows.set(tenant, window);
    for (const oldest of windows.keys()) {
      if (windows.size <= mostTenants) break;
      windows.delete(oldest);
    }
  };

  return {
    take: async (tenant, take) => {
      const window = windowForRequest(windows.get(tenant), take);
      const after = afterTake(window, take);
      keep(tenant, after ?? window);
      return { ...(after ?? window), taken: after !== undefined, sharers: 1 };
    },
    update: async (tenant, lesson) => {
      const { now, limit = 1 } = lesson;
      const window = windowForUpdate(windows.get(tenant), { now, assumedLimit: limit });
      keep(tenant, afterUpdate(window, lesson));
    },
  };
}
