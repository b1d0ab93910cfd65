import type { Instance } from './instance.ts';

/** What a list can be narrowed to; `all` is the whole account. The vendor filters by no other status [S]. */
export type StatusFilter = 'all' | 'connected' | 'disconnected' | 'connecting';

/** One place in a list. */
export interface Row {
  /** The vendor's id; of a row without a readable one, `?` and a digest of its JSON, so that it still has an identity. */
  readonly key: string;
  /** Null: the row has no readable id or name. */
  readonly instance: Instance | null;
}
