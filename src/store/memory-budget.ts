import { createCountedCache } from '#src/domain/sized-cache.ts';
import type { BudgetState, BudgetStore } from './budget-store.ts';
import { current, found, learned, taken } from './window.ts';

/** Tenants remembered at most; those not met in a while go first. */
const mostTenants = 20_000;

/** The budgets of this process alone. */
export function createMemoryBudgetStore(): BudgetStore {
  const windows = createCountedCache<BudgetState>(mostTenants);

  return {
    take: async (tenant, take) => {
      const window = current(windows.get(tenant), take);
      const after = taken(window, take);
      windows.set(tenant, after ?? window);
      return { ...(after ?? window), taken: after !== undefined, sharers: 1 };
    },
    learn: async (tenant, lesson) => {
      const { now, limit = 1 } = lesson;
      const window = found(windows.get(tenant), { now, assumedLimit: limit });
      windows.set(tenant, learned(window, lesson));
    },
  };
}
