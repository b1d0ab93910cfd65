import { LRUCache } from 'lru-cache';
import type { Clock } from '#src/domain/clock.ts';
import type { Page } from '#src/domain/page.ts';
import type { Tenant } from '#src/domain/tenant.ts';

/** How far an unfinished search came: the next attempt with the same cursor resumes from there. */
export interface SearchCheckpoint {
  /** The pages that it has read and that are not expired. */
  readonly pages: readonly Page[];
  /** Operations that used up their calls for this search. */
  readonly attempts: number;
}

/** A search of one tenant, named by its list and its anchor. */
export interface SearchName {
  readonly tenant: Tenant;
  readonly place: string;
}

export interface SearchCheckpoints {
  readonly get: (search: SearchName) => SearchCheckpoint;
  /** Saves the pages of one more attempt. */
  readonly save: (search: SearchName, pages: readonly Page[]) => void;
  /** Size of all checkpoints, in bytes. */
  readonly bytes: () => number;
}

/**
 * Searches of one tenant that can be resumed. Each can have a whole list, and clients retry within
 * seconds.
 */
const maxPerTenant = 4;

/** Memory of a page, its bytes and its parsed rows, as a multiple of its bytes. */
const parsedFactor = 3;
const overheadBytes = 512;

type Saved = ReadonlyMap<string, SearchCheckpoint>;

const sizeOf = (saved: Saved): number =>
  [...saved]
    .map(([place, { pages }]) =>
      pages.reduce(
        (sum, { bytes }) => sum + bytes.length * parsedFactor + overheadBytes,
        place.length * 2 + overheadBytes,
      ),
    )
    .reduce((sum, size) => sum + size, overheadBytes);

/**
 * An LRU cache by tenant, bounded by `maxBytes`: no tenant evicts the checkpoints of another by
 * their number.
 */
export function createSearchCheckpoints(
  clock: Clock,
  { maxAgeMs, maxBytes }: { readonly maxAgeMs: number; readonly maxBytes: number },
): SearchCheckpoints {
  const byTenant = new LRUCache<Tenant, Saved>({ maxSize: maxBytes, sizeCalculation: sizeOf });
  const withoutExpired = ({ pages, attempts }: SearchCheckpoint): SearchCheckpoint => ({
    pages: pages.filter(({ sentAt }) => sentAt >= clock.now() - maxAgeMs),
    attempts,
  });
  const unexpired = (saved: Saved) =>
    [...saved]
      .map(([place, checkpoint]) => [place, withoutExpired(checkpoint)] as const)
      .filter(([, { pages }]) => pages.length > 0);

  return {
    get({ tenant, place }) {
      const checkpoint = byTenant.get(tenant)?.get(place);
      const current = checkpoint && withoutExpired(checkpoint);
      return current && current.pages.length > 0 ? current : { pages: [], attempts: 0 };
    },
    save({ tenant, place }, pages) {
      const others = unexpired(byTenant.get(tenant) ?? new Map()).filter(
        ([name]) => name !== place,
      );
      const { attempts } = byTenant.get(tenant)?.get(place) ?? { attempts: 0 };
      const latest = [...others, [place, { pages, attempts: attempts + 1 }] as const];
      byTenant.set(tenant, new Map(latest.slice(-maxPerTenant)));
      // A tenant that does not come back must not occupy memory with expired pages.
      const leastRecentFirst = Array.from(byTenant.rkeys());
      for (const other of leastRecentFirst) {
        if (unexpired(byTenant.peek(other) ?? new Map()).length > 0) break;
        byTenant.delete(other);
      }
    },
    bytes: () => byTenant.calculatedSize,
  };
}
