import type { Page, Single } from '#src/domain/page.ts';
import { accountOf } from '#src/reading/pages/whole-account.ts';

type Source = Page | Single;

/** What a response cost, and how old it is. */
export interface ReadCost {
  /** Upstream calls that the operation started. */
  readonly calls: number;
  /**
   * When the call behind the oldest page used was sent, by the monotonic clock; null: no row was
   * read.
   */
  readonly asOf: number | null;
  /** Whether a page used was older than fresh. */
  readonly stale: boolean;
  /** Requests left in the window of the key; null: unknown. */
  readonly remaining: number | null;
  readonly saved: SavedCalls;
}

/** Upstream calls that an operation did not need, by what saved them. */
export interface SavedCalls {
  /** Fresh pages that earlier operations fetched. */
  readonly memory: number;
  /** Fresh pages that other replicas fetched. */
  readonly replica: number;
  /** Lists of one status, filtered from a page of the whole account. */
  readonly narrowed: number;
}

export interface ReadCostParts {
  readonly isFresh: (source: Source) => boolean;
  /** Whether a call of this session returned it. */
  readonly isFetched: (source: Source) => boolean;
  /** Whether it came from another replica. */
  readonly isFromReplica: (source: Source) => boolean;
  /** Requests left in the window of the key; null: unknown. */
  readonly remaining: () => number | null;
}

/** The cost of several sessions of one operation; null: nothing was read. */
export function sumOfCosts(costs: readonly ReadCost[]): ReadCost | null {
  const [first, ...others] = costs;
  if (!first) return null;
  return others.reduce(
    (sum, { calls, asOf, stale, remaining, saved }) => ({
      calls: sum.calls + calls,
      asOf: sum.asOf === null || asOf === null ? (sum.asOf ?? asOf) : Math.min(sum.asOf, asOf),
      stale: sum.stale || stale,
      // That of the latest session.
      remaining: remaining ?? sum.remaining,
      saved: {
        memory: sum.saved.memory + saved.memory,
        replica: sum.saved.replica + saved.replica,
        narrowed: sum.saved.narrowed + saved.narrowed,
      },
    }),
    first,
  );
}

/** Adds up what one session reads. */
export function createReadCost(parts: ReadCostParts) {
  const { isFresh, isFetched, isFromReplica, remaining } = parts;
  const sources = new Set<Source>();
  let calls = 0;
  let hasRead = false;
  // Memoized: several readers ask for it at the end of an operation.
  let total: ReadCost | null = null;

  const savedBy = (used: readonly Source[]): SavedCalls => {
    const fresh = used.filter(isFresh);
    const accounts = fresh.flatMap((source) => accountOf(source) ?? []);
    const cached = fresh.filter((source) => !accountOf(source) && !isFetched(source));
    // A page of the whole account that was fetched instead of the first list filtered from it saved
    // no call.
    const instead = new Set(accounts.filter((page) => isFetched(page) && !sources.has(page)));
    const replica = cached.filter(isFromReplica).length;
    return {
      memory: cached.length - replica,
      replica,
      narrowed: accounts.length - instead.size,
    };
  };

  return {
    /** Something is read, whatever the outcome. */
    reads: () => {
      hasRead = true;
      total = null;
    },
    sent: () => {
      calls += 1;
      total = null;
    },
    uses: (source: Source) => {
      sources.add(source);
      total = null;
    },
    sources: (): readonly Source[] => [...sources],
    /** Null: nothing was read. */
    total: (): ReadCost | null => {
      if (!hasRead && sources.size === 0) return null;
      if (total) return total;
      const used = [...sources];
      const asOf = used.length > 0 ? Math.min(...used.map(({ sentAt }) => sentAt)) : null;
      const stale = used.some((source) => !isFresh(source));
      total = { calls, asOf, stale, remaining: remaining(), saved: savedBy(used) };
      return total;
    },
  };
}
