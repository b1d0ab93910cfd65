import { createLru } from '#src/domain/lru.ts';
import { type TrackEntries, untracked } from '#src/domain/memory-usage.ts';
import { maxTenants, type Tenant } from '#src/domain/tenant.ts';
import type { BudgetState, BudgetStore, BudgetUpdate } from '#src/store/budget-store.ts';
import { createMemoryBudgetStore } from '#src/store/memory/memory-budget.ts';
import type { RedisLink } from './redis-link.ts';

export interface ReplicaBudgetOptions {
  readonly link: Pick<RedisLink, 'isUp' | 'epoch' | 'replicas'>;
  /** The budgets that all replicas share. */
  readonly shared: BudgetStore;
  readonly track?: TrackEntries | undefined;
}

/** What this replica last learned of a tenant's window. */
interface LastUpdate {
  readonly update: BudgetUpdate;
  /** The epoch in which the shared budget was updated with it; null: it was not. */
  readonly epoch: number | null;
}

/**
 * The budgets as one replica uses them: the shared ones, and while Redis is not available a local
 * share. The share is the limit, and what EnviaAI reports as remaining, divided by the last known
 * number of replicas. Every response reports what is left of the whole, so all shares together stay
 * within the limit, although a part of it may remain unused. Never rejects.
 */
export function createReplicaBudgetStore({
  link,
  shared,
  track = untracked,
}: ReplicaBudgetOptions): BudgetStore {
  const local = createMemoryBudgetStore(track);
  const lastUpdates = createLru<Tenant, LastUpdate>(maxTenants);
  track('replica_budgets', () => lastUpdates.size);

  // At least 1: with a share of 0 no response would ever report the next window.
  const shareOfLimit = (limit: number) => Math.max(1, Math.floor(limit / link.replicas()));
  const shareOfRemaining = (remaining: number) => Math.floor(remaining / link.replicas());
  const updateLocal = (tenant: Tenant, update: BudgetUpdate) => {
    const { limit, remaining } = update;
    return local.update(tenant, {
      ...update,
      limit: limit === undefined ? undefined : shareOfLimit(limit),
      remaining: remaining === undefined ? undefined : shareOfRemaining(remaining),
    });
  };

  /**
   * Repeats the last update in a new epoch: Redis may have lost it, or have been away at the time.
   */
  async function restoreShared(tenant: Tenant, now: number): Promise<void> {
    const last = lastUpdates.get(tenant);
    if (!last || last.epoch === link.epoch()) return;
    await shared.update(tenant, { ...last.update, now });
    lastUpdates.set(tenant, { ...last, epoch: link.epoch() });
  }

  async function takeShared(...[tenant, request]: Parameters<BudgetStore['take']>) {
    await restoreShared(tenant, request.now);
    const state = await shared.take(tenant, request);
    if (!state.isAssumed) {
      const update = { ...updateOf(state), now: request.now };
      lastUpdates.set(tenant, { update, epoch: link.epoch() });
      await updateLocal(tenant, update);
    }
    return state;
  }

  return {
    async take(tenant, request) {
      const takeLocal = () =>
        local.take(tenant, { ...request, assumedLimit: shareOfLimit(request.assumedLimit) });
      return link.isUp() ? takeShared(tenant, request).catch(takeLocal) : takeLocal();
    },

    async update(tenant, update) {
      await updateLocal(tenant, update);
      const epoch = link.isUp() ? link.epoch() : null;
      const isShared = epoch !== null && (await isFulfilled(shared.update(tenant, update)));
      lastUpdates.set(tenant, { update, epoch: isShared ? epoch : null });
    },
  };
}

const isFulfilled = (promise: Promise<void>): Promise<boolean> =>
  promise.then(
    () => true,
    () => false,
  );

const updateOf = ({ limit, remaining, resetAtMs, pausedUntilMs }: BudgetState) => ({
  limit,
  remaining,
  resetAtMs,
  pausedUntilMs,
});
