import type { Caller } from '#src/domain/caller.ts';
import type { Span } from '#src/domain/span.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import type { Purpose } from '#src/enviaai/budget.ts';

/** For whom something is read, and how urgently. */
export interface ReadRequest {
  readonly tenant: Tenant;
  readonly apiKey: string;
  /** Undefined: its calls are not counted by caller. */
  readonly caller?: Caller | undefined;
  readonly requestId: string;
  readonly purpose: Purpose;
  /** When the operation began, in milliseconds. */
  readonly startedAt: number;
  /** A response sent earlier is not accepted, in milliseconds. */
  readonly since: number;
  /** Aborted when the operation no longer waits. */
  readonly signal: AbortSignal;
  /** Called when the read joins a call in flight, which can have a less urgent purpose. */
  readonly joined?: (() => void) | undefined;
  /** Called when the upstream call of this read is sent; a read that joins another sends none. */
  readonly sent: () => void;
  /** What the call is part of, if this read sends it. */
  readonly span?: Span | undefined;
}
