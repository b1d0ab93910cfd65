import type { ReadCost } from '#src/reading/session/read-cost.ts';
import type { MayShare } from '#src/reading/session/session-joins.ts';
import type { Validator } from '#src/reading/session/validator.ts';
import type { Revalidated } from '#src/reading/validation/revalidate.ts';

/** The response cache's view of the layers below, and of the metrics. */
export interface CacheRules<Context> {
  /** Upper bound on all cached responses, in bytes. */
  readonly maxBytes: number;
  /** The validator of an operation's response. Null: the response is not cacheable. */
  readonly validatorOf: (context: Context) => Validator | null;
  /** Cost of a cache hit. Null: the response must be revalidated. */
  readonly currentCost: (tenant: string, validator: Validator) => ReadCost | null;
  /** Revalidates a cached response. Null: the operation must be executed. */
  readonly revalidate: (context: Context, validator: Validator) => Promise<Revalidated | null>;
  /** Whether an equal request may share the response of this context; see `session-joins.ts`. */
  readonly join: (context: Context) => MayShare | null;
  /** The JSON that follows the data of a response: its `extensions` and the closing brace. */
  readonly tailOf: (cost: ReadCost | null) => string;
  /** How far the wall clock is ahead. `asOf` and the cursors of a response are its times. */
  readonly wallAheadMs: () => number;
  /** Counts a cache hit. */
  readonly onHit: () => void;
  /** Counts an execution. */
  readonly onExecution: () => void;
  /** Counts a request that joins an equal one in progress. */
  readonly onJoin: () => void;
  /** Counts the upstream calls that a request did not make, because it joined another. */
  readonly onSavedCalls: (calls: number) => void;
}
