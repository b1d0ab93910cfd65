import { createLru } from '#src/domain/lru.ts';
import { type TrackEntries, untracked } from '#src/domain/memory-usage.ts';
import { maxTenants, type Tenant } from '#src/domain/tenant.ts';
import type {
  BudgetStore,
  BudgetUpdate,
  RestorableBudgetStore,
  TakeRequest,
  TakeResult,
} from '#src/store/budget-store.ts';
import { sameResetMs } from '#src/store/budget-window.ts';
import { createMemoryBudgetStore } from '#src/store/memory/memory-budget.ts';
import type { RedisLink } from './redis-link.ts';

export interface ReplicaBudgetOptions {
  readonly link: Pick<RedisLink, 'isUp' | 'epoch' | 'replicas'>;
  /** The budgets that all replicas share. */
  readonly shared: RestorableBudgetStore;
  readonly track?: TrackEntries | undefined;
}

/** What this replica knows of a tenant's budget. */
interface Known {
  /** The last window that was reported; null: none was. */
  window: Pick<TakeResult, 'limit' | 'remaining' | 'resetAtMs'> | null;
  pausedUntilMs: number;
  /** Calls of this replica in flight. */
  readonly tickets: Set<string>;
  /** The number of replicas that took from the budget in Redis, at the last take. */
  replicas: number;
  /** The incarnation of the shared budget that contains all this; undefined: not known. */
  incarnation: number | undefined;
  /** The epoch of that incarnation; undefined: the shared budget has missed something. */
  epoch: number | undefined;
  /** Whether the local share contains all this. */
  isLocal: boolean;
  restoring: Promise<void> | undefined;
}

/**
 * The budgets as one replica uses them: the shared ones, and while Redis is not available a local
 * share. The share is the limit, and what EnviaAI reports as remaining, divided by the last known
 * number of replicas. Every response reports what is left of the whole, so all shares together stay
 * within the limit, although a part of it may remain unused. Never rejects.
 *
 * Only the shared budget is shown (`sharedWindow`): a share is no budget of EnviaAI's.
 *
 * Redis can lose a budget. So this replica remembers what it knows, and adds it to every shared
 * budget, and to every local share, that does not contain it.
 */
export function createReplicaBudgetStore({
  link,
  shared,
  track = untracked,
}: ReplicaBudgetOptions): BudgetStore {
  const local = createMemoryBudgetStore({ needsProbe: true, track });
  const byTenant = createLru<Tenant, Known>(maxTenants);
  track('replica_budgets', () => byTenant.size);

  const replicasOf = ({ replicas }: Known) => Math.max(link.replicas(), replicas);
  // At least 1: with a share of 0 no response would ever report the next window.
  const shareOfLimit = (known: Known, limit: number) =>
    Math.max(1, Math.floor(limit / replicasOf(known)));
  const shareOf = (known: Known, remaining: number) => Math.floor(remaining / replicasOf(known));

  const knownOf = (tenant: Tenant): Known => {
    const known = byTenant.get(tenant) ?? nothingKnown();
    byTenant.set(tenant, known);
    return known;
  };

  const restorableOf = (known: Known, { now, assumedLimit, ticketMs }: TakeRequest) => ({
    ...(known.window ?? { limit: assumedLimit, remaining: assumedLimit, resetAtMs: now }),
    pausedUntilMs: known.pausedUntilMs,
    tickets: [...known.tickets],
    ticketMs,
    now,
  });

  async function restoreShared(tenant: Tenant, known: Known, request: TakeRequest): Promise<void> {
    known.restoring ??= shared.restore(tenant, restorableOf(known, request)).finally(() => {
      known.restoring = undefined;
      known.incarnation = undefined;
    });
    await known.restoring;
  }

  async function takeShared(
    tenant: Tenant,
    known: Known,
    request: TakeRequest,
  ): Promise<TakeResult> {
    const epoch = link.epoch();
    if (known.epoch !== epoch && !isNothing(known)) await restoreShared(tenant, known, request);
    known.epoch = epoch;
    const { incarnation } = known;
    let result = await shared.take(tenant, { ...request, incarnation });
    if (incarnation !== undefined && result.incarnation !== incarnation) {
      // Redis lost the budget, unless another take has restored it meanwhile.
      if (known.incarnation === incarnation) await restoreShared(tenant, known, request);
      result = await shared.take(tenant, request);
    }
    known.incarnation = result.incarnation;
    known.replicas = result.activeReplicas;
    known.isLocal = false;
    if (!result.isAssumed) known.window = result;
    known.pausedUntilMs = Math.max(known.pausedUntilMs, result.pausedUntilMs);
    return result;
  }

  async function takeLocal(
    tenant: Tenant,
    known: Known,
    request: TakeRequest,
  ): Promise<TakeResult> {
    const assumedLimit = shareOfLimit(known, request.assumedLimit);
    if (!known.isLocal) {
      known.isLocal = true;
      const restorable = restorableOf(known, { ...request, assumedLimit });
      await local.restore(tenant, {
        ...restorable,
        limit: known.window ? shareOfLimit(known, restorable.limit) : assumedLimit,
        remaining: known.window ? shareOf(known, restorable.remaining) : assumedLimit,
      });
    }
    return local.take(tenant, { ...request, assumedLimit });
  }

  return {
    async take(tenant, request) {
      const known = knownOf(tenant);
      const result = link.isUp(tenant)
        ? await takeShared(tenant, known, request).catch(() => takeLocal(tenant, known, request))
        : await takeLocal(tenant, known, request);
      if (result.isTaken) known.tickets.add(request.ticket);
      return result;
    },

    async update(tenant, update) {
      const known = knownOf(tenant);
      learn(known, update);
      const { limit, remaining } = update;
      if (known.isLocal) {
        await local.update(tenant, {
          ...update,
          limit: limit === undefined ? undefined : shareOfLimit(known, limit),
          remaining:
            remaining === undefined ? undefined : shareOf(known, remaining - known.tickets.size),
          isShare: true,
        });
      }
      const isShared = link.isUp(tenant) && (await isFulfilled(shared.update(tenant, update)));
      if (!isShared) known.epoch = undefined;
    },

    async sharedWindow(tenant, now) {
      if (!link.isUp(tenant)) return null;
      return shared.peek(tenant, now).catch(() => null);
    },
  };
}

const nothingKnown = (): Known => ({
  window: null,
  pausedUntilMs: 0,
  tickets: new Set(),
  replicas: 1,
  incarnation: undefined,
  epoch: undefined,
  isLocal: false,
  restoring: undefined,
});

const isNothing = ({ window, pausedUntilMs, tickets }: Known): boolean =>
  window === null && pausedUntilMs === 0 && tickets.size === 0;

function learn(known: Known, update: BudgetUpdate): void {
  const { ticket, limit, remaining, resetAtMs, pausedUntilMs = 0 } = update;
  if (ticket !== undefined) known.tickets.delete(ticket);
  known.pausedUntilMs = Math.max(known.pausedUntilMs, pausedUntilMs);
  const last = known.window;
  if (remaining === undefined || resetAtMs === undefined) return;
  const distance = last ? resetAtMs - last.resetAtMs : Number.POSITIVE_INFINITY;
  if (last && distance <= sameResetMs) {
    if (distance < -sameResetMs) return;
    known.window = { ...last, remaining: Math.min(last.remaining, remaining) };
    return;
  }
  known.window = {
    limit: limit ?? last?.limit ?? Math.max(1, remaining),
    remaining: remaining - known.tickets.size,
    resetAtMs,
  };
}

const isFulfilled = (promise: Promise<void>): Promise<boolean> =>
  promise.then(
    () => true,
    () => false,
  );
