import type { Clock } from '#src/domain/clock.ts';
import { Failure } from '#src/domain/failure.ts';
import type { Page, Single } from '#src/domain/page.ts';
import type { StatusFilter } from '#src/domain/row.ts';
import type { Span } from '#src/domain/span.ts';
import type { Purpose } from '#src/enviaai/budget.ts';
import { isWholeAccount, filtered, isFilterable } from '#src/reading/pages/whole-account.ts';
import type { ReadRequest, SharedReads } from '#src/reading/upstream/shared-reads.ts';
import type { FetchedPages } from './fetched-pages.ts';
import { isOutage } from '#src/reading/upstream/is-outage.ts';
import { withTimeout } from '#src/reading/upstream/with-timeout.ts';
import type { SearchCheckpoints } from './search-checkpoints.ts';
import { searchLimitFailure } from './search-limit.ts';

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

export interface SingleCall {
  readonly id: string;
  readonly fallback: boolean;
  readonly span?: Span | undefined;
}

/** The calls of one operation: each thing once, joined with what others ask for at the same time. */
export interface SessionCalls {
  page(call: PageCall): Promise<Page>;
  single(call: SingleCall): Promise<Single>;
  readonly underWay: ReadonlySet<Promise<unknown>>;
}

export interface SessionCallsOptions {
  readonly calls: SharedReads;
  readonly own: FetchedPages;
  readonly unfinished: SearchCheckpoints;
  readonly clock: Clock;
  readonly asker: Omit<ReadRequest, 'purpose' | 'since' | 'span'>;
  /** Nothing from memory will do: a refresh is wanted for itself. */
  readonly demanding: boolean;
  /** Whether a page of the whole account was seen, however long ago. */
  readonly knowsAccount: () => boolean;
  readonly begins: () => void;
}

/** Not sent for the sake of the budget: a refusal of the vendor's has a status. */
const isDenied = (failure: unknown): boolean =>
  failure instanceof Failure && failure.kind === 'rate-limited' && failure.status === undefined;

/** An upstream this slow costs a reader freshness where something stale can be served. */
const patienceMs = 1000;

/** All searches of an operation together. */
export const maxSearchCalls = 6;

export function createSessionCalls(options: SessionCallsOptions): SessionCalls {
  const { calls, own, unfinished, clock, demanding, knowsAccount, begins } = options;
  const { signal, sent } = options.asker;
  const asked = new Map<string, Promise<Page>>();
  const underWay = new Set<Promise<unknown>>();
  let searches = 0;

  const purposeOf = ({ fallback }: SingleCall | PageCall): Purpose =>
    !fallback ? 'required' : demanding ? 'demanded' : 'refresh';

  async function wait<T>(flight: Promise<T>, fallback: boolean): Promise<T> {
    const patience = { signal, clock, patienceMs: fallback ? patienceMs : undefined };
    const waiting = withTimeout(flight, patience);
    underWay.add(waiting);
    try {
      return await waiting;
    } finally {
      underWay.delete(waiting);
    }
  }

  async function callPage(call: PageCall): Promise<Page> {
    const { filter, offset, since, fallback, span } = call;
    for (;;) {
      let isOurs = false;
      let isJoined = false;
      const asker: ReadRequest = {
        ...options.asker,
        purpose: purposeOf(call),
        since,
        span,
        joins: () => (isJoined = true),
        sent: () => {
          isOurs = true;
          sent();
        },
      };
      try {
        const page = await wait(calls.page(asker, filter, offset), fallback);
        // One that was joined may have been sent before this walk began. One of our own was not,
        // whatever a clock says that was set back meanwhile.
        if (page.sentAt < since && !isOurs) continue;
        own.addPage(page);
        return page;
      } catch (failure) {
        // A refresh that was joined may do without; this cannot, and has the budget's reserve.
        if (fallback || !isJoined || !isDenied(failure)) throw failure;
      }
    }
  }

  function callOnce(call: PageCall): Promise<Page> {
    begins();
    const key = `${call.filter} ${call.offset}`;
    const before = asked.get(key);
    if (before) return before;
    if (call.search !== null && (searches += 1) > maxSearchCalls) {
      unfinished.save(call.search, own.called(call.filter));
      return Promise.reject(searchLimitFailure());
    }
    const page = callPage(call);
    asked.set(key, page);
    // What says something of the caller says it of the next call too.
    page.catch((failure) => {
      if (isOutage(failure)) asked.delete(key);
    });
    return page;
  }

  /** Where one page holds the whole account, it answers what can be narrowed from it too. */
  async function callNarrowed(call: PageCall): Promise<Page> {
    const before = asked.get('all 0');
    const account = before
      ? await before.catch(() => undefined)
      : knowsAccount()
        ? await callOnce({ ...call, filter: 'all', offset: 0 })
        : undefined;
    return account && isWholeAccount(account) && account.sentAt >= call.since
      ? filtered(account, call.filter)
      : callOnce(call);
  }

  return {
    page: (call) => (isFilterable(call.filter) ? callNarrowed(call) : callOnce(call)),
    async single(call) {
      begins();
      const { id, fallback, span } = call;
      const since = Number.NEGATIVE_INFINITY;
      const asker: ReadRequest = { ...options.asker, purpose: purposeOf(call), since, span };
      const single = await wait(calls.single(asker, id), fallback);
      own.addSingle(single);
      return single;
    },
    underWay,
  };
}
