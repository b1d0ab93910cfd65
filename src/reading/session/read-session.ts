import type { Clock } from '#src/domain/clock.ts';
import type { Page, Single } from '#src/domain/page.ts';
import type { RateLimit } from '#src/domain/rate-limit.ts';
import type { StatusFilter } from '#src/domain/row.ts';
import type { Span } from '#src/domain/span.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import type { Budget } from '#src/enviaai/budget.ts';
import type { PageStore } from '#src/store/page-store.ts';
import { isWholeAccount } from '#src/reading/pages/whole-account.ts';
import type { SharedReads } from '#src/reading/upstream/shared-reads.ts';
import { createReadCost, type ReadCost } from './read-cost.ts';
import { createReplicaLookup } from './replica-lookup.ts';
import { type Age, createPageLookup } from './page-lookup.ts';
import { createFetchedPages } from './fetched-pages.ts';
import { createSessionCalls, type PageCall, type SingleCall } from './session-calls.ts';
import type { SearchCheckpoints } from './search-checkpoints.ts';
import { createValidatorBuilder, type Validator, type WalkStart } from './validator.ts';

/** What one GraphQL operation reads with: what is held for its key, what it calls for, and what that cost. */
export interface ReadSession {
  readonly tenant: Tenant;
  readonly startedAt: number;
  /** Undefined: it is not traced. */
  readonly span: Span | undefined;
  /** Pages fresh enough to be served as they are, with those this operation called for. */
  fresh(filter: StatusFilter, since: number): readonly Page[];
  /** Pages that may be served when no fresher one can be had. */
  usable(filter: StatusFilter, since: number): readonly Page[];
  /** Pages called for by this operation, latest last: evidence also of what is not there. */
  called(filter: StatusFilter): readonly Page[];
  /** Every page held, however old: where rows were last seen. */
  seen(filter: StatusFilter): readonly Page[];
  /** How long the list was when last seen, however long ago; undefined: never seen. */
  totalOf(filter: StatusFilter): number | undefined;
  /** A page called for by this operation: once, however often it is asked for. */
  call(call: PageCall): Promise<Page>;
  /** Takes up a search where an earlier operation ran out of calls: what that had read counts as called for. */
  takeUp(search: string): void;
  /**
   * Looks whether another replica holds this page (or, for a list that can be narrowed, the whole
   * account) newer than it is held here, and holds it then: true. Costs no call.
   */
  bring(filter: StatusFilter, offset: number): Promise<boolean>;
  /** The same for the answer to a GET by id. */
  bringSingle(id: string): Promise<boolean>;
  /** The answer to a GET by id, called for by this operation. */
  callSingle(call: SingleCall): Promise<Single>;
  page(filter: StatusFilter, offset: number, age: Age): Page | undefined;
  single(id: string, age: Age): Single | undefined;
  /** Another number once anything is held anew for its key, the same again too. */
  puts(): number;
  /** Resolves when no call of this operation is under way. */
  settled(): Promise<void>;
  /** Notes that an answer was made from it. */
  uses(source: Page | Single): void;
  /** The same, of a row of which it is the newest source held. */
  picks(source: Page | Single): void;
  /** Notes a cursor of the answer at which a walk begins. */
  beginsWalk(walk: WalkStart<Page>): void;
  /** Notes that the answer hangs on more than its sources: it is made anew each time. */
  hangsOnMore(): void;
  /** What reading has cost so far; null when nothing was read. */
  cost(): ReadCost | null;
  /** What the answer can be kept with, and known by to be good still; null: it is not to be kept. */
  validator(): Validator | null;
  rateLimit(): RateLimit | null;
}

/** Who asks, and how. */
export interface ReadSessionRequest {
  readonly tenant: Tenant;
  readonly apiKey: string;
  readonly requestId: string;
  readonly signal: AbortSignal;
  /** The caller asked for fresh rows (`Cache-Control: no-cache`). */
  readonly noCache: boolean;
  readonly span?: Span | undefined;
}

export interface ReadSessionOptions {
  readonly calls: SharedReads;
  readonly budget: Budget;
  readonly store: PageStore;
  readonly unfinished: SearchCheckpoints;
  readonly clock: Clock;
  readonly freshMs: number;
  readonly staleMs: number;
}

export function createReadSession(
  options: ReadSessionOptions,
  request: ReadSessionRequest,
): ReadSession {
  const { calls, budget, store, unfinished, clock, staleMs } = options;
  const { tenant, apiKey, requestId, signal, span, noCache } = request;
  const startedAt = clock.now();
  const freshMs = noCache ? 0 : options.freshMs;

  const own = createFetchedPages();
  const shelf = () => store.tenant(tenant);
  const held = createPageLookup({ own, shelf, startedAt, now: clock.now, freshMs, staleMs });
  const elsewhere = createReplicaLookup(tenant, calls.elsewhere);
  const cost = createReadCost({
    isStale: (source) => !held.is('fresh', source),
    isOwn: (source) => own.has(source),
    isBrought: elsewhere.has,
  });
  const making = createValidatorBuilder();
  const puts = () => shelf().revision();
  const ownCalls = createSessionCalls({
    calls,
    own,
    unfinished,
    clock,
    asker: { tenant, apiKey, requestId, startedAt, signal, sent: cost.sent },
    demanding: freshMs === 0,
    knowsAccount: () => shelf().pages('all').some(isWholeAccount),
    begins: cost.begins,
  });

  return {
    tenant,
    startedAt,
    span,
    fresh: (filter, since) => held.pages('fresh', filter, since),
    usable: (filter, since) => held.pages('usable', filter, since),
    called: (filter) => own.called(filter),
    takeUp: (search) => own.takeUp(unfinished.pages(search)),
    seen: (filter) => held.seen(filter),
    totalOf: (filter) => held.seen(filter).toSorted((a, b) => b.sentAt - a.sentAt)[0]?.total,
    call: (call) => ownCalls.page(call),
    callSingle: (call) => ownCalls.single(call),
    page: (filter, offset, age) => held.page(age, filter, offset),
    single: (id, age) => held.single(age, id),
    puts,
    bring: (filter, offset) => elsewhere.bring(filter, offset),
    bringSingle: (id) => elsewhere.bringSingle(id),
    async settled() {
      do {
        await elsewhere.settled();
        await Promise.allSettled(ownCalls.underWay);
        // Whoever waited for one of them may go on to the next.
        await new Promise((resolve) => setImmediate(resolve));
      } while (ownCalls.underWay.size > 0);
    },
    uses: cost.uses,
    picks(source) {
      cost.uses(source);
      making.picks();
    },
    beginsWalk: making.startsWalk,
    hangsOnMore: making.markUncacheable,
    cost: cost.soFar,
    validator() {
      const soFar = cost.soFar();
      if (!soFar || soFar.asOf === null || soFar.stale) return null;
      return making.build(cost.sources(), puts());
    },
    rateLimit() {
      making.markUncacheable();
      return budget.rateLimit(tenant);
    },
  };
}
