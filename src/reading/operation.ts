import type { Clock } from '#src/domain/clock.ts';
import type { Page, Single } from '#src/domain/page.ts';
import type { RateLimit } from '#src/domain/rate-limit.ts';
import type { StatusFilter } from '#src/domain/row.ts';
import type { Span } from '#src/domain/span.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import type { Budget } from '#src/enviaai/budget.ts';
import type { PageStore, Shelf } from '#src/store/page-store.ts';
import { accountOf, isAccount, narrowed, narrows } from './account.ts';
import type { Asker, Calls } from './calls.ts';
import { createCost, type Cost } from './cost.ts';
import { createElsewhere } from './elsewhere.ts';
import { within } from './patience.ts';
import type { Unfinished } from './unfinished.ts';
import { tooMuchSearch } from './whole.ts';

export interface PageCall {
  readonly filter: StatusFilter;
  readonly offset: number;
  /** No page sent earlier will do. */
  readonly since: number;
  /** Whether something stale can be served if this is not had soon. */
  readonly fallback: boolean;
  /** The search that it belongs to, for which an operation has only a few calls; null: it is expected. */
  readonly search: string | null;
  /** The read that it is part of. */
  readonly span?: Span | undefined;
}

/** What one GraphQL operation reads with: what is held for its key, what it calls for, and what that cost. */
export interface Operation {
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
  callSingle(id: string, fallback: boolean, span?: Span): Promise<Single>;
  single(id: string, age: 'fresh' | 'usable'): Single | undefined;
  /** Resolves when no call of this operation is under way. */
  settled(): Promise<void>;
  /** Notes that an answer was made from it. */
  uses(source: Page | Single): void;
  /** What reading has cost so far; null when nothing was read. */
  cost(): Cost | null;
  rateLimit(): RateLimit | null;
}

/** Who asks, and how. */
export interface OperationRequest {
  readonly tenant: Tenant;
  readonly apiKey: string;
  readonly requestId: string;
  readonly signal: AbortSignal;
  /** The caller asked for fresh rows (`Cache-Control: no-cache`). */
  readonly noCache: boolean;
  readonly span?: Span | undefined;
}

export interface OperationOptions {
  readonly calls: Calls;
  readonly budget: Budget;
  readonly store: PageStore;
  readonly unfinished: Unfinished;
  readonly clock: Clock;
  readonly freshMs: number;
  readonly staleMs: number;
}

/** An upstream this slow costs a reader freshness where something stale can be served. */
const patienceMs = 1000;

/** All searches of an operation together. */
export const mostSearchCalls = 6;

export function createOperation(options: OperationOptions, request: OperationRequest): Operation {
  const { calls, budget, store, unfinished, clock, staleMs } = options;
  const { tenant, apiKey, requestId, signal, span } = request;
  const startedAt = clock.now();
  const freshMs = request.noCache ? 0 : options.freshMs;

  const pagesCalled = new Map<string, Promise<Page>>();
  const pagesHad: Page[] = [];
  const singlesHad = new Map<string, Single>();
  let searches = 0;

  const shelf = (): Shelf => store.shelf(tenant);
  const had = new Set<Page | Single>();
  const isOwn = (held: Page | Single) => had.has(accountOf(held) ?? held);
  const isFresh = (held: Page | Single) =>
    isOwn(held) || (freshMs > 0 && held.sentAt >= startedAt - freshMs);
  const isUsable = (held: Page | Single) =>
    isFresh(held) || (staleMs > 0 && held.sentAt >= clock.now() - staleMs);
  const elsewhere = createElsewhere(tenant, calls.elsewhere);
  const cost = createCost({
    isStale: (source) => !isFresh(source),
    isOwn,
    isBrought: elsewhere.has,
  });

  const asker = (fallback: boolean, part?: Span, since = Number.NEGATIVE_INFINITY): Asker => ({
    startedAt,
    since,
    tenant,
    apiKey,
    requestId,
    purpose: !fallback ? 'required' : freshMs === 0 ? 'demanded' : 'refresh',
    signal,
    sent: cost.sent,
    span: part,
  });

  /** Held pages, with those this operation had, which the store may have let go again. */
  const pagesOf = (filter: StatusFilter): Page[] => {
    const own = pagesHad.filter((page) => page.filter === filter);
    const held = shelf().pages(filter);
    return [...own, ...held.filter((page) => !had.has(page))];
  };

  const select = (filter: StatusFilter, since: number, holds: (page: Page) => boolean): Page[] => {
    const good = (page: Page) => page.sentAt >= since && holds(page);
    const account = narrows(filter)
      ? pagesOf('all').find((page) => isAccount(page) && good(page))
      : undefined;
    const pages = pagesOf(filter).filter(good);
    return account ? [...pages, narrowed(account, filter)] : pages;
  };

  const underWay = new Set<Promise<unknown>>();
  async function wait<T>(flight: Promise<T>, fallback: boolean): Promise<T> {
    const waiting = within(flight, {
      signal,
      clock,
      patienceMs: fallback ? patienceMs : undefined,
    });
    underWay.add(waiting);
    try {
      return await waiting;
    } finally {
      underWay.delete(waiting);
    }
  }

  async function callPage(call: PageCall): Promise<Page> {
    const { filter, offset, since, fallback } = call;
    for (;;) {
      const page = await wait(
        calls.page(asker(fallback, call.span, since), filter, offset),
        fallback,
      );
      // One that was joined may have been sent before this walk began.
      if (page.sentAt < since) continue;
      pagesHad.push(page);
      had.add(page);
      return page;
    }
  }

  const calledFor = (filter: StatusFilter): Page[] => {
    const own = pagesHad.filter((page) => page.filter === filter);
    const account = narrows(filter) ? pagesHad.findLast((page) => isAccount(page)) : undefined;
    return account ? [...own, narrowed(account, filter)] : own;
  };

  function callOnce(call: PageCall): Promise<Page> {
    cost.begins();
    const key = `${call.filter} ${call.offset}`;
    const before = pagesCalled.get(key);
    if (before) return before;
    if (call.search !== null && (searches += 1) > mostSearchCalls) {
      unfinished.keep(call.search, calledFor(call.filter));
      return Promise.reject(tooMuchSearch());
    }
    const page = callPage(call);
    pagesCalled.set(key, page);
    page.catch(() => pagesCalled.delete(key));
    return page;
  }

  /** Where one page holds the whole account, it answers what can be narrowed from it too. */
  async function callForNarrowed(call: PageCall): Promise<Page> {
    const whole = { ...call, filter: 'all' as const, offset: 0 };
    const asked = pagesCalled.get('all 0');
    const account = asked
      ? await asked.catch(() => undefined)
      : shelf().pages('all').some(isAccount)
        ? await callOnce(whole)
        : undefined;
    return account && isAccount(account) && account.sentAt >= call.since
      ? narrowed(account, call.filter)
      : callOnce(call);
  }

  return {
    tenant,
    startedAt,
    span,
    fresh: (filter, since) => select(filter, since, isFresh),
    usable: (filter, since) => select(filter, since, isUsable),
    called: calledFor,
    takeUp: (search) => void pagesHad.unshift(...unfinished.pages(search)),
    seen: pagesOf,
    totalOf: (filter) => pagesOf(filter).toSorted((a, b) => b.sentAt - a.sentAt)[0]?.total,
    call: (call) => (narrows(call.filter) ? callForNarrowed(call) : callOnce(call)),
    bring: (filter, offset) => elsewhere.bring(filter, offset),
    bringSingle: (id) => elsewhere.bringSingle(id),
    async callSingle(id, fallback, part) {
      cost.begins();
      const single = await wait(calls.single(asker(fallback, part), id), fallback);
      singlesHad.set(id, single);
      had.add(single);
      return single;
    },
    single: (id, age) => {
      const single = singlesHad.get(id) ?? shelf().single(id);
      return single && (age === 'fresh' ? isFresh(single) : isUsable(single)) ? single : undefined;
    },
    settled: async () => {
      do {
        await elsewhere.settled();
        await Promise.allSettled(underWay);
        // Whoever waited for one of them may go on to the next.
        await new Promise((resolve) => setImmediate(resolve));
      } while (underWay.size > 0);
    },
    uses: cost.uses,
    cost: cost.soFar,
    rateLimit: () => budget.rateLimit(tenant),
  };
}
