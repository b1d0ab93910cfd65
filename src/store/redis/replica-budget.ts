import type { Tenant } from '#src/domain/tenant.ts';
import type { BudgetState, BudgetStore, BudgetUpdate } from '#src/store/budget-store.ts';
import { createMemoryBudgetStore } from '#src/store/memory/memory-budget.ts';
import type { RedisLink } from './redis-link.ts';

export interface ReplicaBudgetOptions {
  readonly link: Pick<RedisLink, 'isUp' | 'epoch' | 'replicas'>;
  /** The budgets of all replicas together. */
  readonly shared: BudgetStore;
}

/**
 * One replica's way to the budgets: the shared ones while Redis is there. While it is away, a share
 * of its own: the limit, and what the vendor says is left, divided by the replicas there were. Each
 * answer tells what is left of the whole, so the shares shrink together, and all of them together
 * stay within the limit, though some of it may go unused. It never rejects.
 */
export function createReplicaBudgetStore({ link, shared }: ReplicaBudgetOptions): BudgetStore {
  const own = createMemoryBudgetStore();
  const known = createKnown();

  // A share that rounds to nothing would be all there is, for nothing would be learned of the next.
  const limitOf = (limit: number) => Math.max(1, Math.floor(limit / link.replicas()));
  const leftOf = (remaining: number) => Math.floor(remaining / link.replicas());
  const learnOwn = (tenant: Tenant, lesson: BudgetUpdate) => {
    const { limit, remaining } = lesson;
    return own.update(tenant, {
      ...lesson,
      limit: limit === undefined ? undefined : limitOf(limit),
      remaining: remaining === undefined ? undefined : leftOf(remaining),
    });
  };

  /** A Redis that comes back may have forgotten all, or not know what happened meanwhile. */
  async function catchUp(tenant: Tenant, now: number): Promise<void> {
    const fact = known.of(tenant);
    if (!fact || fact.epoch === link.epoch()) return;
    await shared.update(tenant, { ...fact.lesson, now });
    known.note(tenant, { ...fact, epoch: link.epoch() });
  }

  async function takeShared(...[tenant, take]: Parameters<BudgetStore['take']>) {
    await catchUp(tenant, take.now);
    const state = await shared.take(tenant, take);
    if (!state.assumed) {
      const lesson = { ...lessonOf(state), now: take.now };
      known.note(tenant, { lesson, epoch: link.epoch() });
      await learnOwn(tenant, lesson);
    }
    return state;
  }

  return {
    async take(tenant, take) {
      const takeOwn = () => own.take(tenant, { ...take, assumedLimit: limitOf(take.assumedLimit) });
      return link.isUp() ? takeShared(tenant, take).catch(takeOwn) : takeOwn();
    },

    async update(tenant, lesson) {
      await learnOwn(tenant, lesson);
      const epoch = link.isUp() ? link.epoch() : null;
      const heard = epoch !== null && (await shared.update(tenant, lesson).then(yes, no));
      known.note(tenant, { lesson, epoch: heard ? epoch : null });
    },
  };
}

const yes = () => true;
const no = () => false;

const lessonOf = ({ limit, remaining, resetAtMs, pausedUntilMs }: BudgetState) => ({
  limit,
  remaining,
  resetAtMs,
  pausedUntilMs,
});

interface Fact {
  readonly lesson: BudgetUpdate;
  /** The time of Redis that heard of it; null: it was away. */
  readonly epoch: number | null;
}

const mostTenants = 20_000;

/** What this replica last knew of each tenant's window. */
function createKnown() {
  const facts = new Map<Tenant, Fact>();
  return {
    of: (tenant: Tenant): Fact | undefined => facts.get(tenant),
    note(tenant: Tenant, fact: Fact) {
      facts.delete(tenant);
      facts.set(tenant, fact);
      for (const oldest of facts.keys()) {
        if (facts.size <= mostTenants) break;
        facts.delete(oldest);
      }
    },
  };
}
