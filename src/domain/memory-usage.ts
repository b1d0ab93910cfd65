/** Caches of the server, bounded in bytes. */
export type CacheName = 'bodies' | 'documents' | 'pages' | 'responses' | 'searches';

/**
 * What the server remembers of tenants, callers and calls, bounded in entries of a few hundred
 * bytes.
 */
export type EntryKind =
  | 'accepted_keys'
  | 'actions'
  | 'budgets'
  | 'callers'
  | 'circuit_breakers'
  | 'client_addresses'
  | 'flights'
  | 'link_attempts'
  | 'operation_names'
  | 'rate_limits'
  | 'refresh_paces'
  | 'refused_keys'
  | 'replica_budgets'
  | 'sharers'
  | 'waiting_calls'
  | 'watched_lines'
  | 'watched_rows'
  | 'webhook_instances'
  | 'written_tenants';

/**
 * Each part that grows by what clients send registers a function that returns its size. The metrics
 * call all of them at a scrape, and add up those of one name.
 */
export interface MemoryUsage {
  readonly trackBytes: (cache: CacheName, bytes: () => number) => void;
  readonly trackEntries: (kind: EntryKind, entries: () => number) => void;
}

export type TrackEntries = MemoryUsage['trackEntries'];

/** For a part by itself: nothing reads its size. */
export const untracked = (): void => {};
