import type { Instance } from './instance.ts';

/** An event of a subscription to many instances. */
export interface InstanceChanges {
  /** Whether `changed` is the whole list, in its order. */
  readonly complete: boolean;
  readonly changed: readonly Instance[];
  /** Ids of instances that have left the list. */
  readonly gone: readonly string[];
  /** The length of the list, with rows that cannot be read. */
  readonly totalCount: number;
  /** When the oldest page of the list was requested: ISO 8601, by the wall clock. */
  readonly asOf: string;
  /** The list could not be read again when it was due. */
  readonly stale: boolean;
}
