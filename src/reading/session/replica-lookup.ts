import type { Page, Single } from '#src/domain/page.ts';
import type { StatusFilter } from '#src/domain/row.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import { isWholeAccount, isFilterable } from '#src/reading/pages/whole-account.ts';
import type { ReplicaCache } from '#src/reading/upstream/replica-cache.ts';

/**
 * One operation's look at what other replicas hold, once for each thing. What comes is held here
 * from then on, as if an earlier operation had called for it: it shows what is there, and is no
 * evidence of what is gone.
 */
export interface ReplicaLookup {
  bring(filter: StatusFilter, offset: number): Promise<boolean>;
  bringSingle(id: string): Promise<boolean>;
  /** Whether it came from another replica. */
  readonly has: (source: Page | Single) => boolean;
  /** Resolves when nothing is on its way. */
  settled(): Promise<unknown>;
}

const nowhere: ReplicaLookup = {
  bring: async () => false,
  bringSingle: async () => false,
  has: () => false,
  settled: async () => {},
};

export function createReplicaLookup(
  tenant: Tenant,
  sharing: Pick<ReplicaCache, 'bringPage' | 'bringSingle'> | undefined,
): ReplicaLookup {
  if (!sharing) return nowhere;
  const brought = new Set<Page | Single>();
  const looks = new Map<string, Promise<Page | Single | undefined>>();

  async function once<T extends Page | Single>(key: string, look: () => Promise<T | undefined>) {
    const looking = looks.get(key) ?? look();
    looks.set(key, looking);
    const came = await looking;
    if (came) brought.add(came);
    return came;
  }
  const bringPage = (filter: StatusFilter, offset: number) =>
    once(`${filter} ${offset}`, () => sharing.bringPage(tenant, { filter, offset }));

  return {
    async bring(filter, offset) {
      // Where one page holds the whole account, it answers what can be narrowed from it too.
      const account = isFilterable(filter) ? await bringPage('all', 0) : undefined;
      if (account && 'offset' in account && isWholeAccount(account)) return true;
      return (await bringPage(filter, offset)) !== undefined || account !== undefined;
    },
    bringSingle: async (id) =>
      (await once(`get ${id}`, () => sharing.bringSingle(tenant, id))) !== undefined,
    has: (source) => brought.has(source),
    settled: () => Promise.allSettled(looks.values()),
  };
}
