import type { Clock } from '#src/domain/clock.ts';
import type { Page } from '#src/domain/page.ts';

/** What searches had read that ran out of calls: the next attempt with the same cursor goes on from there. */
export interface SearchCheckpoints {
  /** The pages that the last attempt had read, as far as they are not too old. */
  readonly pages: (search: string) => readonly Page[];
  readonly save: (search: string, pages: readonly Page[]) => void;
}

/** Searches kept at once. Each may hold a whole list, so they are few: those who wait come back within moments. */
const mostSearches = 32;

export function createSearchCheckpoints(clock: Clock, maxAgeMs: number): SearchCheckpoints {
  const searches = new Map<string, readonly Page[]>();
  const young = (pages: readonly Page[]) =>
    pages.filter(({ sentAt }) => sentAt >= clock.now() - maxAgeMs);

  return {
    pages: (search) => young(searches.get(search) ?? []),
    save(search, pages) {
      searches.delete(search);
      searches.set(search, pages);
      for (const [other, held] of searches) {
        if (searches.size > mostSearches || young(held).length === 0) searches.delete(other);
      }
    },
  };
}
