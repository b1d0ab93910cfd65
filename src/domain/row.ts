import type { Instance } from './instance.ts';

/** A filter of the list; `all` is the whole account. EnviaAI filters by no other status [S]. */
export type StatusFilter = 'all' | 'connected' | 'disconnected' | 'connecting';

/** One row of a list. */
export interface Row {
  /** EnviaAI's id. If the id is not readable: `?` and a digest of the row's JSON. */
  readonly key: string;
  /** Null: the row has no readable id or name. */
  readonly instance: Instance | null;
}
