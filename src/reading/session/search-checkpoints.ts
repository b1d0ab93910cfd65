import { LRUCache } from 'lru-cache';
import type { Clock } from '#src/domain/clock.ts';
import type { Page } from '#src/domain/page.ts';

/** The pages that unfinished searches have read: the next attempt with the same cursor resumes from them. */
export interface SearchCheckpoints {
  /** The pages that the last attempt had read and that are not expired. */
  readonly pages: (search: string) => readonly Page[];
  readonly save: (search: string, pages: readonly Page[]) => void;
}

/** Searches at the same time. Each can have a whole list, so they are few: clients retry within seconds. */
const maxSearches = 32;

export function createSearchCheckpoints(clock: Clock, maxAgeMs: number): SearchCheckpoints {
  const searches = new LRUCache<string, readonly Page[]>({ max: maxSearches });
  const unexpired = (pages: readonly Page[]) =>
    pages.filter(({ sentAt }) => sentAt >= clock.now() - maxAgeMs);

  return {
    pages: (search) => unexpired(searches.get(search) ?? []),
    save(search, pages) {
      for (const [other, saved] of searches) {
        if (unexpired(saved).length === 0) searches.delete(other);
      }
      searches.set(search, pages);
    },
  };
}
