import type { Row, StatusFilter } from './row.ts';

/** One answer of the vendor's list: the unit that is held, shared and refreshed. */
export interface Page {
  readonly filter: StatusFilter;
  readonly offset: number;
  /** Each key once. */
  readonly rows: readonly Row[];
  /** How many rows the vendor sent, repeated ones too: at most 100. */
  readonly given: number;
  readonly total: number;
  readonly hasMore: boolean;
  /** When its call was sent and answered, by our clock. */
  readonly sentAt: number;
  readonly receivedAt: number;
  /** Changes exactly when the bytes do: a refresh that brings the same ones keeps it. */
  readonly version: number;
  /** The vendor's own bytes, for comparison and for other replicas. */
  readonly bytes: Buffer;
}

/** The answer to one GET by id, held like a page of one row. */
export interface Single {
  readonly id: string;
  /** Null: there was none (404). */
  readonly row: Row | null;
  readonly sentAt: number;
  readonly version: number;
  readonly bytes: Buffer;
}
