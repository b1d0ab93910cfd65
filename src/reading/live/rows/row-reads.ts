import type { Caller } from '#src/domain/caller.ts';
import type { Page } from '#src/domain/page.ts';
import type { StatusFilter } from '#src/domain/row.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import { readByIds } from '#src/reading/by-id/read-by-ids.ts';
import {
  createReadSession,
  type ReadSession,
  type ReadSessionOptions,
} from '#src/reading/session/read-session.ts';
import type { PageCall, SingleCall } from '#src/reading/session/session-calls.ts';
import { isOutage } from '#src/reading/upstream/is-outage.ts';
import type { RowReads } from './tenant-rows.ts';
import { isPaceRefusal, isWholeList, maxPaceWaitMs } from './watched-rows.ts';

export interface RowReadsRequest {
  readonly tenant: Tenant;
  readonly apiKey: string;
  readonly caller: Caller;
  readonly pollMs: number;
  readonly createRequestId: () => string;
}

/** Reads what a tenant watches: from fresh pages, from another replica's, or by live calls. */
export function createRowReads(options: ReadSessionOptions, request: RowReadsRequest): RowReads {
  const { tenant, apiKey, caller, pollMs, createRequestId } = request;
  // A page of the last poll is not fresh, however long rows count as fresh.
  const freshMs = Math.max(0, Math.min(options.freshMs, pollMs - 1));
  // A poll serves all callers of a shared key, so that it counts for none of them.
  const payer = caller.kind === 'key-holder' ? caller : undefined;

  const sessionFor = (signal: AbortSignal, maxAgeMs = freshMs): ReadSession =>
    createReadSession(
      { ...options, freshMs: maxAgeMs },
      {
        tenant,
        apiKey,
        caller: payer,
        requestId: createRequestId(),
        signal,
        noCache: false,
        isLive: true,
      },
    );
  const callsOf = ({ recorder }: ReadSession): number => recorder.cost()?.calls ?? 0;

  return {
    isCreatedLately: (id) => options.writes.created(tenant, id) !== undefined,
    async readPage(filter, offset, signal) {
      const session = sessionFor(signal);
      const cached = cachedPage(session, { filter, offset, age: 'fresh' });
      const page = cached ?? (await pageOfReplica(session, { filter, offset }));
      if (page) return { page, calls: 0, failure: null };
      try {
        const since = Number.NEGATIVE_INFINITY;
        const call = { filter, offset, since, hasFallback: false, search: null };
        const page = await session.calls.page(call);
        return { page, calls: callsOf(session), failure: null };
      } catch (failure) {
        const page = cachedPage(session, { filter, offset, age: 'usable' });
        if (!page || !isOutage(failure)) throw failure;
        return { page, calls: callsOf(session), failure };
      }
    },
    async readIds(ids, signal, isFirst) {
      // A first read of many pages takes several polls, each of which finds the pages of the others.
      const session = sessionFor(signal, isFirst ? maxPaceWaitMs : freshMs);
      let isRefused = false;
      const note = (failure: unknown) => {
        isRefused ||= isPaceRefusal(failure);
      };
      const results = await readByIds(withFailures(session, note), ids);
      const { asOf = null, stale = false } = session.recorder.cost() ?? {};
      const isWhole = session.pages.fetched('all').some(isWholeList);
      const isProved = (id: string) => isWhole || session.pages.single(id, 'fresh')?.row === null;
      const proved = new Set(ids.filter(isProved));
      return { results, asOf, isStale: stale, isRefused, calls: callsOf(session), proved };
    },
  };
}

/** The session, whose failed calls are noted: rows that are cached hide them. */
function withFailures(session: ReadSession, note: (failure: unknown) => void): ReadSession {
  const noted =
    <Call, T>(send: (call: Call) => Promise<T>) =>
    async (call: Call): Promise<T> => {
      try {
        return await send(call);
      } catch (failure) {
        note(failure);
        throw failure;
      }
    };
  const { calls } = session;
  const page = noted((call: PageCall) => calls.page(call));
  const single = noted((call: SingleCall) => calls.single(call));
  return { ...session, calls: { ...calls, page, single } };
}

interface PagePlace {
  readonly filter: StatusFilter;
  readonly offset: number;
}

/**
 * A page that another replica has read meanwhile, fresh or not: replicas divide the live calls of a
 * key, so that each makes the calls for a part of the pages, and takes the others from Redis.
 */
async function pageOfReplica(session: ReadSession, place: PagePlace): Promise<Page | undefined> {
  const before = cachedPage(session, { ...place, age: 'usable' });
  if (!(await session.replicas.fetchPage(place.filter, place.offset))) return undefined;
  const fresh = cachedPage(session, { ...place, age: 'fresh' });
  const page = cachedPage(session, { ...place, age: 'usable' });
  if (fresh || !page || !before) return fresh;
  return page.sentAt > before.sentAt && !page.outdated ? page : undefined;
}

/** A page of the list, or the list as the whole account has it: the one that was sent last. */
function cachedPage(
  { pages }: ReadSession,
  { filter, offset, age }: PagePlace & { readonly age: 'fresh' | 'usable' },
): Page | undefined {
  return pages[age](filter, Number.NEGATIVE_INFINITY)
    .filter((page) => page.offset === offset)
    .toSorted((a, b) => b.sentAt - a.sentAt)
    .at(0);
}
