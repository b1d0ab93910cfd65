import { createActsFactory } from './create-acts.ts';
import type { Config } from '#src/config/config.ts';
import type { Clock } from '#src/domain/clock.ts';
import { Failure } from '#src/domain/failure.ts';
import type { Budget } from '#src/enviaai/budget.ts';
import type { Enviaai } from '#src/enviaai/client/instances.ts';
import { type CallerParts, type Context, createContext } from '#src/graphql/context.ts';
import type { Admission } from '#src/http/auth/callers.ts';
import type { ContextRequest } from '#src/http/operation/operation-request.ts';
import type { LinkAttempts } from '#src/reading/live/lines/link-attempts.ts';
import { createPageFeed } from '#src/reading/live/page-feed.ts';
import { createReadSession } from '#src/reading/session/read-session.ts';
import { createSearchCheckpoints } from '#src/reading/session/search-checkpoints.ts';
import { createDispatch } from '#src/reading/upstream/dispatch.ts';
import {
  dispatchWithServerKeyErrors,
  withServerKeyErrors,
} from '#src/reading/upstream/server-key-errors.ts';
import { createSharedReads, type SharedReads } from '#src/reading/upstream/shared-reads.ts';
import { createRecentWrites } from '#src/reading/written/recent-writes.ts';
import type { ActionRecords } from '#src/store/action-records.ts';
import type { PageStore } from '#src/store/page-store.ts';
import type { SharedPages } from '#src/store/shared-pages.ts';
import type { SharedWrites } from '#src/store/shared-writes.ts';
import type { Metrics } from '#src/telemetry/metrics.ts';
import { createLive } from './create-live.ts';

export interface ContextsParts {
  readonly enviaai: Enviaai;
  readonly budget: Budget;
  readonly store: PageStore;
  /** What replicas share; undefined: there is one replica. */
  readonly shared: SharedPages | undefined;
  readonly sharedWrites: SharedWrites | undefined;
  readonly actions: ActionRecords;
  readonly attempts: LinkAttempts;
  /** Upper bound on the pages of unfinished searches, in bytes. */
  readonly checkpointsMaxBytes: number;
  readonly clock: Clock;
  /** Waits before a retry, in milliseconds; undefined: a real timer. */
  readonly pause: ((ms: number) => Promise<unknown>) | undefined;
  readonly metrics: Pick<
    Metrics,
    'countSavedCalls' | 'observeWait' | 'countDenial' | 'countShareDenial' | 'memory'
  >;
}

export interface Contexts {
  /** The GraphQL context of one operation. */
  readonly contextOf: (request: ContextRequest) => Context;
  readonly applyWrite: SharedReads['applyWrite'];
  /** Size of the pages of unfinished searches, in bytes. */
  readonly checkpointsBytes: () => number;
}

/**
 * Wires reading: the dispatch of upstream calls, the calls that all operations share, and a read
 * session for each operation.
 */
export function createContexts(config: Config, parts: ContextsParts): Contexts {
  const { freshMs, staleMs } = config;
  const { budget, clock, metrics } = parts;
  const feed = createPageFeed(parts.store);
  const { store } = feed;
  const track = metrics.memory.trackEntries;
  const writes = createRecentWrites({
    now: clock.now,
    maxPageAgeMs: Math.max(freshMs, staleMs),
    track,
  });
  const dispatch = createDispatch({
    ...parts,
    onRejectedKey: (tenant) => shared.drop(tenant),
    onWait: metrics.observeWait,
    onDenied: metrics.countDenial,
    onShareDenied: metrics.countShareDenial,
    track,
  });
  const shared = createSharedReads({
    ...parts,
    store,
    dispatch,
    writes,
    onAttemptEnded: (tenant, id) => parts.attempts.ended(tenant, id),
    onEvent: feed.nudge,
    onJoin: () => metrics.countSavedCalls('in_flight'),
    onReplicaHit: () => metrics.countSavedCalls('replica'),
    track,
  });
  const hasOwnKey = config.auth.kind !== 'passthrough';
  const reads = hasOwnKey ? withServerKeyErrors(shared) : shared;
  const checkpoints = createSearchCheckpoints(clock, {
    maxAgeMs: staleMs,
    maxBytes: parts.checkpointsMaxBytes,
  });
  const callsDispatch = hasOwnKey ? dispatchWithServerKeyErrors(dispatch) : dispatch;
  const actsOf = createActsFactory({ ...parts, dispatch: callsDispatch, reads: shared });
  const options = { reads, budget, store, writes, checkpoints, clock, freshMs, staleMs };

  const live = createLive(config, {
    ...parts,
    session: options,
    dispatch: callsDispatch,
    feed,
  });

  const callerOf = (request: ContextRequest, admission: Admission): CallerParts => {
    const { apiKey, tenant, caller, writeRefusal } = admission;
    const keyedRequest = () => ({ ...request, apiKey, caller, tenant, signal: request.signal() });
    return {
      createSession: () => createReadSession(options, keyedRequest()),
      createActs: (session) =>
        writeRefusal === null
          ? actsOf(session, keyedRequest())
          : new Failure(writeRefusal, 'The caller may not write'),
      watchLinking: (id) => live.lines.watch({ tenant, apiKey, caller }, id),
      watchInstances: (watch) => live.rows.watch({ tenant, apiKey, caller }, watch),
    };
  };
  return {
    contextOf(request) {
      const { admission } = request;
      const caller = admission instanceof Failure ? admission : callerOf(request, admission);
      return createContext({ caller, maxIds: config.limits.ids });
    },
    applyWrite: shared.applyWrite,
    checkpointsBytes: checkpoints.bytes,
  };
}
