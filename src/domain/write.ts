import type { InstanceFields } from './instance-fields.ts';
import type { Row } from './row.ts';

/** A write that may have reached EnviaAI, as reads have to know it. */
export type Write =
  /** An instance was created. `row` is EnviaAI's answer; null: the outcome is unknown. */
  | { readonly kind: 'create'; readonly row: Row | null }
  /**
   * An instance was changed. `fields` is what it has since, as far as the answer says; null: the
   * outcome is unknown, or the answer says nothing. A change of `status` can move the row between
   * lists, and so can an `event`: a webhook reports a change that this server has not made.
   */
  | {
      readonly kind: 'update' | 'status' | 'event';
      readonly id: string;
      readonly fields: InstanceFields | null;
      /** From sending it to its answer, in milliseconds. Absent: it is an event. */
      readonly tookMs?: number;
    };
