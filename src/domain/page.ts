import type { Row, StatusFilter } from './row.ts';

/** One list response of EnviaAI: the unit that is cached, shared and refreshed. */
export interface Page {
  readonly filter: StatusFilter;
  readonly offset: number;
  /** Each key once. */
  readonly rows: readonly Row[];
  /** The number of rows in the response, including repeated ones: at most 100. */
  readonly rowCount: number;
  readonly total: number;
  readonly hasMore: boolean;
  /** When the call was sent and answered, by this server's clock. */
  readonly sentAt: number;
  readonly receivedAt: number;
  /** Changes if and only if the bytes change: a refresh with equal bytes has the same version. */
  readonly version: number;
  /** The body of the response, to compare and to share with other replicas. */
  readonly bytes: Buffer;
}

/** The response to one GET by id, cached like a page of one row. */
export interface Single {
  readonly id: string;
  /** Null: there is no such instance (404). */
  readonly row: Row | null;
  readonly sentAt: number;
  readonly version: number;
  readonly bytes: Buffer;
}
