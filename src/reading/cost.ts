import type { Page, Single } from '#src/domain/page.ts';

/** What an operation's answer was made from. */
export interface Cost {
  /** Upstream calls that the operation started. */
  readonly calls: number;
  /** When the call behind the oldest row used was sent; null when no row was had. */
  readonly asOf: number | null;
  readonly stale: boolean;
  readonly sources: readonly (Page | Single)[];
}

export function createCost(isStale: (source: Page | Single) => boolean) {
  const sources = new Set<Page | Single>();
  let calls = 0;
  let begun = false;
  return {
    /** Something is being read, whatever comes of it. */
    begins: () => {
      begun = true;
    },
    sent: () => {
      calls += 1;
    },
    uses: (source: Page | Single) => {
      sources.add(source);
    },
    soFar: (): Cost | null => {
      if (!begun && sources.size === 0) return null;
      const used = [...sources];
      const asOf = used.length > 0 ? Math.min(...used.map(({ sentAt }) => sentAt)) : null;
      return { calls, asOf, stale: used.some(isStale), sources: used };
    },
  };
}
