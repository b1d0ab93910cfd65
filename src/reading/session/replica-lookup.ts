import type { Page, Single } from '#src/domain/page.ts';
import type { StatusFilter } from '#src/domain/row.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import { isFilterable, isWholeAccount } from '#src/reading/pages/whole-account.ts';
import type { ReplicaCache } from '#src/reading/upstream/replica-cache.ts';

/**
 * One session's reads of the pages that other replicas cached in Redis, once for each page. What is
 * found is cached here, as if an earlier operation had fetched it: it shows what is there, and is
 * no evidence of what is gone. It costs no upstream call.
 */
export interface ReplicaLookup {
  /**
   * Whether another replica had a newer page (or, for a list that can be filtered from it, a newer
   * page of the whole account), which is cached now.
   */
  fetchPage(filter: StatusFilter, offset: number): Promise<boolean>;
  /** The same for the response to a GET by id. */
  fetchSingle(id: string): Promise<boolean>;
  /** Whether a page came from another replica. */
  readonly has: (source: Page | Single) => boolean;
}

const noReplicas: ReplicaLookup = {
  fetchPage: async () => false,
  fetchSingle: async () => false,
  has: () => false,
};

export function createReplicaLookup(
  tenant: Tenant,
  replicaCache: Pick<ReplicaCache, 'findPage' | 'findSingle'> | undefined,
): ReplicaLookup {
  if (!replicaCache) return noReplicas;
  const found = new Set<Page | Single>();
  const lookups = new Map<string, Promise<Page | Single | undefined>>();

  async function lookUpOnce<T extends Page | Single>(
    key: string,
    lookUp: () => Promise<T | undefined>,
  ): Promise<Page | Single | undefined> {
    const lookup = lookups.get(key) ?? lookUp();
    lookups.set(key, lookup);
    const source = await lookup;
    if (source) found.add(source);
    return source;
  }
  const findPage = (filter: StatusFilter, offset: number) =>
    lookUpOnce(`${filter} ${offset}`, () => replicaCache.findPage(tenant, { filter, offset }));

  return {
    async fetchPage(filter, offset) {
      const account = isFilterable(filter) ? await findPage('all', 0) : undefined;
      if (account && 'offset' in account && isWholeAccount(account)) return true;
      return (await findPage(filter, offset)) !== undefined || account !== undefined;
    },
    fetchSingle: async (id) =>
      (await lookUpOnce(`get ${id}`, () => replicaCache.findSingle(tenant, id))) !== undefined,
    has: (source) => found.has(source),
  };
}
