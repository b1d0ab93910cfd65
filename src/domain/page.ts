import type { Row, StatusFilter } from './row.ts';

/** One response of EnviaAI's list, of up to 100 rows: the unit of the page cache. */
export interface Page {
  readonly filter: StatusFilter;
  readonly offset: number;
  /** Each key once. */
  readonly rows: readonly Row[];
  /** How many rows EnviaAI sent, repeated ones included: at most 100. */
  readonly rowCount: number;
  readonly total: number;
  readonly hasMore: boolean;
  /** When its upstream call was sent and answered, by the monotonic clock. */
  readonly sentAt: number;
  readonly receivedAt: number;
  /** Changes exactly when the rows do: revalidation with equal bytes keeps it. */
  readonly version: number;
  /** EnviaAI's bytes, for comparison and for other replicas. */
  readonly bytes: Buffer;
  /** The rows as EnviaAI sent them; absent: no write is laid over them. */
  readonly sentRows?: readonly Row[];
  readonly outdated?: Outdated;
  /**
   * The page of the whole account that this list was filtered from; absent: EnviaAI sent the list.
   */
  readonly account?: Page;
}

/** The response to one GET by id, cached like a page of one row. */
export interface Single {
  readonly id: string;
  /** Null: EnviaAI has no such instance (404). */
  readonly row: Row | null;
  readonly sentAt: number;
  readonly version: number;
  readonly bytes: Buffer;
  /** The row as EnviaAI sent it; absent: no write is laid over it. */
  readonly sentRow?: Row | null;
  readonly outdated?: Outdated;
}

/** A response is not fresh any more, because a write was answered after it was sent. */
export interface Outdated {
  /** When the last such write was answered, by the monotonic clock. */
  readonly at: number;
  /** Whether the response shows what the write did, so that it may be served as stale. */
  readonly isUsable: boolean;
}
