import type { Page, Single } from '#src/domain/page.ts';
import { accountOf } from '#src/reading/pages/whole-account.ts';

type Source = Page | Single;

/** What an operation's answer cost, and how old it is. */
export interface ReadCost {
  /** Upstream calls that the operation started. */
  readonly calls: number;
  /** When the call behind the oldest row used was sent; null when no row was had. */
  readonly asOf: number | null;
  readonly stale: boolean;
  readonly saved: SavedCalls;
}

/** Upstream calls that the operation did not need, for what was held was fresh enough. */
export interface SavedCalls {
  /** Answers held from earlier operations. */
  readonly memory: number;
  /** Answers that other replicas held. */
  readonly replica: number;
  /** Lists of one status, made from a page that holds the whole account. */
  readonly narrowed: number;
}

export interface ReadCostParts {
  readonly isStale: (source: Source) => boolean;
  /** Whether the operation called for it. */
  readonly isOwn: (source: Source) => boolean;
  /** Whether it was brought from another replica. */
  readonly isBrought: (source: Source) => boolean;
}

export function createReadCost({ isStale, isOwn, isBrought }: ReadCostParts) {
  const sources = new Set<Source>();
  let calls = 0;
  let begun = false;
  // Asked for several times when all is done.
  let counted: ReadCost | null = null;

  const savedBy = (used: readonly Source[]): SavedCalls => {
    const fresh = used.filter((source) => !isStale(source));
    const accounts = fresh.flatMap((source) => accountOf(source) ?? []);
    const held = fresh.filter((source) => !accountOf(source) && !isOwn(source));
    // Called for in place of the first list made from it, and for nothing else.
    const inPlace = new Set(accounts.filter((page) => isOwn(page) && !sources.has(page)));
    const replica = held.filter(isBrought).length;
    return { memory: held.length - replica, replica, narrowed: accounts.length - inPlace.size };
  };

  return {
    /** Something is being read, whatever comes of it. */
    begins: () => {
      begun = true;
      counted = null;
    },
    sent: () => {
      calls += 1;
      counted = null;
    },
    uses: (source: Source) => {
      sources.add(source);
      counted = null;
    },
    sources: (): readonly Source[] => [...sources],
    soFar: (): ReadCost | null => {
      if (!begun && sources.size === 0) return null;
      if (counted) return counted;
      const used = [...sources];
      const asOf = used.length > 0 ? Math.min(...used.map(({ sentAt }) => sentAt)) : null;
      const stale = used.some(isStale);
      counted = { calls, asOf, stale, saved: savedBy(used) };
      return counted;
    },
  };
}
