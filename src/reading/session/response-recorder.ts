import type { Page, Single } from '#src/domain/page.ts';
import { createReadCost, type ReadCost, type ReadCostParts } from './read-cost.ts';
import { createValidatorBuilder, type Validator, type WalkStart } from './validator.ts';

/** Records what the response of one operation is made from. */
export interface ResponseRecorder {
  /** A page of the response. */
  uses(source: Page | Single): void;
  /** A page or single from which the row of an id was picked, because it is the newest cached one. */
  picks(source: Page | Single, id: string): void;
  /** A cursor of the response at which a walk starts. */
  startsWalk(walk: Omit<WalkStart<Page>, 'fields'>): void;
  /** Marks the response as uncacheable: it depends on more than its pages. */
  markUncacheable(): void;
  /** The operation reads, whatever the outcome. */
  readonly reads: () => void;
  /** An upstream call was sent. */
  readonly sent: () => void;
  /** What the response was made from so far. */
  readonly sources: () => readonly (Page | Single)[];
  /** Null: nothing was read. */
  cost(): ReadCost | null;
  /** Null: the response is not cacheable. */
  validator(): Validator | null;
}

export function createResponseRecorder(
  parts: ReadCostParts & { readonly revision: () => number },
): ResponseRecorder {
  const cost = createReadCost(parts);
  const validator = createValidatorBuilder();
  return {
    uses: cost.uses,
    picks(source, id) {
      cost.uses(source);
      validator.picks(source, id, parts.revision());
    },
    startsWalk: validator.startsWalk,
    markUncacheable: validator.markUncacheable,
    reads: cost.reads,
    sent: cost.sent,
    sources: cost.sources,
    cost: cost.total,
    validator() {
      const total = cost.total();
      if (!total || total.asOf === null || total.stale) return null;
      return validator.build(cost.sources());
    },
  };
}
