import type { Clock } from '#src/domain/clock.ts';
import { Failure } from '#src/domain/failure.ts';
import type { InstanceDetails } from '#src/domain/instance-details.ts';
import type { Page, Single } from '#src/domain/page.ts';
import type { StatusFilter } from '#src/domain/row.ts';
import type { Span } from '#src/domain/span.ts';
import type { Purpose } from '#src/enviaai/budget.ts';
import { filtered, isFilterable, isWholeAccount } from '#src/reading/pages/whole-account.ts';
import { isOutage } from '#src/reading/upstream/is-outage.ts';
import type { ReadRequest } from '#src/reading/upstream/read-request.ts';
import type { SharedReads } from '#src/reading/upstream/shared-reads.ts';
import { withTimeout } from '#src/reading/upstream/with-timeout.ts';
import type { FetchedPages } from './fetched-pages.ts';
import { isDenied, isForCallerOnly } from './refusals.ts';
import type { SearchCheckpoints, SearchName } from './search-checkpoints.ts';
import { maxSearchCalls, searchLimitFailure } from './search-limit.ts';

export interface PageCall {
  readonly filter: StatusFilter;
  readonly offset: number;
  /** A page sent earlier is not accepted. */
  readonly since: number;
  /** Whether a stale page can be served if this call fails or is slow. */
  readonly hasFallback: boolean;
  /**
   * The search that the call belongs to, which an operation has few calls for; null: it belongs to
   * none.
   */
  readonly search: SearchName | null;
  /** The read that the call is part of. */
  readonly span?: Span | undefined;
}

export interface SingleCall {
  readonly id: string;
  readonly hasFallback: boolean;
  readonly span?: Span | undefined;
}

/**
 * The upstream calls of one session: each page at most once, in single-flight with other sessions.
 */
export interface SessionCalls {
  page(call: PageCall): Promise<Page>;
  /**
   * Calls for a page that a read will probably need after the one that it waits for, so that both
   * cost one round trip. A later `page` joins the call, and reports its failure.
   */
  prefetch(call: Omit<PageCall, 'search'>): void;
  single(call: SingleCall): Promise<Single>;
  /** The status endpoint's report of an instance; null: there is none. */
  details(id: string): Promise<InstanceDetails | null>;
  /**
   * Resumes a search that earlier operations had no calls left for: the pages that they read count
   * as searched. Returns the number of those operations.
   */
  resumeSearch(search: SearchName): number;
}

export interface SessionCallsOptions {
  readonly reads: Pick<SharedReads, 'page' | 'single' | 'details'>;
  readonly fetched: FetchedPages;
  readonly checkpoints: SearchCheckpoints;
  readonly clock: Clock;
  readonly request: Omit<ReadRequest, 'purpose' | 'since' | 'startedAt' | 'span'>;
  /** When the last operation that waits for the session began. By the monotonic clock. */
  readonly startedAt: () => number;
  /** A call has returned or failed. */
  readonly onReturned: () => void;
  /** A call was refused for a reason that may not hold for other callers. */
  readonly onRefused: () => void;
  /** The caller wants newer rows than any cached one; stale ones are its fallback on failure. */
  readonly noCache: boolean;
  /** A subscription watches the rows: no call is urgent. */
  readonly isLive: boolean;
  /** Whether a page of the whole account is cached, of any age. */
  readonly hasWholeAccount: () => boolean;
  /** Called for each read. */
  readonly onRead: () => void;
}

/**
 * Stale-while-revalidate: after this long without a response, a stale page is served where there is
 * one, and the call goes on for the next reader.
 */
const slowMs = 1000;

/** How often a call with a fallback joins calls that the budget refuses to other callers. */
const maxRefusedJoins = 3;

const keyOf = ({ filter, offset }: Pick<PageCall, 'filter' | 'offset'>) => `${filter} ${offset}`;

export function createSessionCalls(options: SessionCallsOptions): SessionCalls {
  const { reads, fetched, checkpoints, clock, noCache, isLive, hasWholeAccount, onRead } = options;
  const { signal, sent, caller } = options.request;
  const started = new Map<string, Promise<Page>>();
  const prefetched = new Set<string>();
  let searchCalls = 0;

  const purposeOf = ({ hasFallback }: SingleCall | PageCall): Purpose => {
    if (isLive) return 'live';
    return !hasFallback ? 'required' : noCache ? 'demanded' : 'refresh';
  };

  const waitFor = <T>(read: Promise<T>, hasFallback: boolean): Promise<T> =>
    withTimeout(read, { signal, clock, timeoutMs: hasFallback ? slowMs : undefined });

  /**
   * The budget can refuse a call that was joined where it would not refuse this one: this one may
   * be more urgent, or its caller may have had less of its fair share.
   */
  const mayAskAgain = (hasFallback: boolean, refusals: number): boolean =>
    !hasFallback || (caller?.kind === 'sharer' && refusals < maxRefusedJoins);

  async function callShared<T>(
    call: (SingleCall | PageCall) & { readonly since: number },
    read: (request: ReadRequest) => Promise<T>,
  ): Promise<{ readonly value: T; readonly isSent: boolean }> {
    const { hasFallback, since, span } = call;
    const purpose = purposeOf(call);
    for (let refusals = 0; ; refusals += 1) {
      // Nobody waits any more: no call is sent.
      if (signal.aborted) throw new Failure('timeout', 'There was no response in time');
      let isSent = false;
      let isJoined = false;
      const request: ReadRequest = {
        ...options.request,
        purpose,
        since,
        startedAt: options.startedAt(),
        span,
        joined: () => (isJoined = true),
        sent: () => {
          isSent = true;
          sent();
        },
      };
      try {
        return { value: await waitFor(read(request), hasFallback), isSent };
      } catch (failure) {
        if (isJoined && isDenied(failure) && mayAskAgain(hasFallback, refusals)) continue;
        if (isForCallerOnly(failure, caller)) options.onRefused();
        throw failure;
      } finally {
        options.onReturned();
      }
    }
  }

  async function callPage(call: PageCall): Promise<Page> {
    const { filter, offset } = call;
    for (let { since } = call; ;) {
      const { value: page, isSent } = await callShared({ ...call, since }, (request) =>
        reads.page(request, filter, offset),
      );
      // A joined call may have been sent before this walk began, or before a write was answered. A
      // call of this session was not, even if the clock was set back meanwhile.
      if (!isSent && (page.sentAt < since || page.outdated)) {
        since = Math.max(since, page.outdated?.at ?? since);
        continue;
      }
      fetched.addPage(page);
      return page;
    }
  }

  function callOnce(call: PageCall): Promise<Page> {
    onRead();
    const key = keyOf(call);
    const earlier = started.get(key);
    // A prefetched page that turns out to be part of a search is a call of that search.
    const isCounted = earlier !== undefined && !prefetched.delete(key);
    if (call.search !== null && !isCounted && (searchCalls += 1) > maxSearchCalls) {
      checkpoints.save(call.search, fetched.searched(call.filter));
      return Promise.reject(searchLimitFailure());
    }
    if (earlier) return earlier;
    const page = callPage(call);
    started.set(key, page);
    // After an outage the call may be repeated; a refusal of the caller would only be repeated.
    page.catch((failure) => {
      if (isOutage(failure)) started.delete(key);
    });
    return page;
  }

  /** A page of the whole account answers the list of a status that can be filtered from it. */
  async function callFilterable(
    call: PageCall & { readonly filter: 'connected' | 'disconnected' },
  ): Promise<Page> {
    const earlier = started.get('all 0');
    const account = earlier
      ? await earlier.catch(() => undefined)
      : hasWholeAccount()
        ? await callOnce({ ...call, filter: 'all', offset: 0 })
        : undefined;
    return account && isWholeAccount(account) && account.sentAt >= call.since
      ? filtered(account, call.filter)
      : callOnce(call);
  }

  const callPageOnce = (call: PageCall): Promise<Page> => {
    const { filter } = call;
    return isFilterable(filter) ? callFilterable({ ...call, filter }) : callOnce(call);
  };

  return {
    page: callPageOnce,
    prefetch(call) {
      const key = keyOf(call);
      if (started.has(key)) return;
      // The read that needs the page reports its failure.
      callPageOnce({ ...call, search: null }).catch(() => {});
      prefetched.add(key);
    },
    async single(call) {
      onRead();
      for (let since = Number.NEGATIVE_INFINITY; ;) {
        const { value: single, isSent } = await callShared({ ...call, since }, (request) =>
          reads.single(request, call.id),
        );
        if (!isSent && single.outdated) {
          since = single.outdated.at;
          continue;
        }
        fetched.addSingle(single);
        return single;
      }
    },
    async details(id) {
      onRead();
      const since = Number.NEGATIVE_INFINITY;
      const call = { id, hasFallback: false, since };
      const { value } = await callShared(call, (request) => reads.details(request, id));
      return value;
    },
    resumeSearch(search) {
      const { pages, attempts } = checkpoints.get(search);
      fetched.addSearched(pages);
      return attempts;
    },
  };
}
