import type { Caller } from '#src/domain/caller.ts';
import type { Clock } from '#src/domain/clock.ts';
import type { RateLimit } from '#src/domain/rate-limit.ts';
import type { Span } from '#src/domain/span.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import type { Budget } from '#src/enviaai/budget.ts';
import { isWholeAccount } from '#src/reading/pages/whole-account.ts';
import type { SharedReads } from '#src/reading/upstream/shared-reads.ts';
import type { RecentWrites } from '#src/reading/written/recent-writes.ts';
import type { PageStore } from '#src/store/page-store.ts';
import { createFetchedPages } from './fetched-pages.ts';
import { createPageLookup, type PageLookup } from './page-lookup.ts';
import { createReadPhases, type ReadPhases } from './read-phases.ts';
import { createReplicaLookup, type ReplicaLookup } from './replica-lookup.ts';
import { createResponseRecorder, type ResponseRecorder } from './response-recorder.ts';
import type { SearchCheckpoints } from './search-checkpoints.ts';
import { createSessionCalls, type SessionCalls } from './session-calls.ts';
import { createSessionJoins, type SessionJoins } from './session-joins.ts';

/** What one operation reads with: its pages, its upstream calls, and the record of what it used. */
export interface ReadSession {
  readonly tenant: Tenant;
  /** By the monotonic clock. Freshness is judged as of this moment. */
  readonly startedAt: number;
  /** The wall clock: cursors have its time, because other replicas read them. */
  readonly wall: Clock['wall'];
  /** Undefined: the operation is not traced. */
  readonly span: Span | undefined;
  readonly pages: PageLookup;
  readonly replicas: ReplicaLookup;
  readonly calls: SessionCalls;
  readonly phases: ReadPhases;
  readonly recorder: ResponseRecorder;
  /** An equal operation wants to share the response; see `session-joins.ts`. */
  readonly join: SessionJoins['join'];
  /**
   * The key's budget, which all replicas share, with the reset by the wall clock; null: unknown, or
   * its window has ended.
   */
  readonly rateLimit: () => Promise<RateLimit | null>;
}

export interface ReadSessionRequest {
  readonly tenant: Tenant;
  readonly apiKey: string;
  /** Undefined: its calls are not counted by caller. */
  readonly caller?: Caller | undefined;
  readonly requestId: string;
  readonly signal: AbortSignal;
  /** The caller accepts nothing from the cache (`Cache-Control: no-cache`). */
  readonly noCache: boolean;
  /** A subscription watches the rows: the calls have the purpose `live`. */
  readonly isLive?: boolean | undefined;
  readonly span?: Span | undefined;
}

export interface ReadSessionOptions {
  readonly reads: SharedReads;
  readonly budget: Pick<Budget, 'rateLimit' | 'refresh'>;
  readonly store: PageStore;
  readonly writes: Pick<RecentWrites, 'created' | 'lastAt'>;
  readonly checkpoints: SearchCheckpoints;
  readonly clock: Clock;
  readonly freshMs: number;
  readonly staleMs: number;
}

export function createReadSession(
  options: ReadSessionOptions,
  request: ReadSessionRequest,
): ReadSession {
  const { reads, budget, store, writes, checkpoints, clock, staleMs } = options;
  const { tenant, apiKey, caller, requestId, signal, span } = request;
  const startedAt = clock.now();
  const freshMs = request.noCache ? 0 : options.freshMs;

  const fetched = createFetchedPages();
  const tenantPages = () => store.tenant(tenant);
  const pages = createPageLookup({
    fetched,
    tenantPages,
    startedAt,
    now: clock.now,
    freshMs,
    staleMs,
    created: (id) => writes.created(tenant, id),
  });
  const replicas = createReplicaLookup(tenant, reads.replicaCache);
  const recorder = createResponseRecorder({
    isFresh: pages.isFresh,
    isFetched: fetched.has,
    isFromReplica: replicas.has,
    remaining: () => budget.rateLimit(tenant)?.remaining ?? null,
    revision: pages.revision,
  });
  const joins = createSessionJoins({
    startedAt,
    now: clock.now,
    freshMs,
    isFetched: fetched.has,
    isFresh: pages.isFresh,
    sources: recorder.sources,
    revision: pages.revision,
    lastWriteAt: () => writes.lastAt(tenant),
  });
  const calls = createSessionCalls({
    reads,
    fetched,
    checkpoints,
    clock,
    request: { tenant, apiKey, caller, requestId, signal, sent: recorder.sent },
    startedAt: joins.lastArrivedAt,
    onReturned: joins.markReturned,
    onRefused: joins.markRefused,
    noCache: freshMs === 0,
    isLive: request.isLive ?? false,
    hasWholeAccount: () => tenantPages().pages('all').some(isWholeAccount),
    onRead: recorder.reads,
  });

  return {
    tenant,
    startedAt,
    wall: clock.wall,
    span,
    pages,
    replicas,
    calls,
    phases: createReadPhases(),
    recorder,
    join: joins.join,
    async rateLimit() {
      recorder.markUncacheable();
      await budget.refresh(tenant);
      const last = budget.rateLimit(tenant);
      return last && { ...last, resetAtMs: last.resetAtMs + clock.wall().aheadMs };
    },
  };
}
