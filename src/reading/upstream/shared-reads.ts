import type { Clock } from '#src/domain/clock.ts';
import type { InstanceDetails } from '#src/domain/instance-details.ts';
import type { Page, Single } from '#src/domain/page.ts';
import type { StatusFilter } from '#src/domain/row.ts';
import type { TrackEntries } from '#src/domain/memory-usage.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import type { Write } from '#src/domain/write.ts';
import type { Budget } from '#src/enviaai/budget.ts';
import type { Enviaai, InstanceResponse, ListResponse } from '#src/enviaai/client/instances.ts';
import type { RecentWrites } from '#src/reading/written/recent-writes.ts';
import type { PageStore } from '#src/store/page-store.ts';
import type { SharedPages } from '#src/store/shared-pages.ts';
import type { SharedWrites } from '#src/store/shared-writes.ts';
import { createDetailsReader } from './details-reader.ts';
import type { Dispatch } from './dispatch.ts';
import { createPageWriter, type PageWriterParts } from './page-writer.ts';
import type { ReadRequest } from './read-request.ts';
import { createReplicaCache, type ReplicaCache } from './replica-cache.ts';
import { createReplicaWrites, type ReplicaWritesParts } from './replica-writes.ts';
import { createResources, type Resource } from './resources.ts';
import { createSingleFlight } from './single-flight.ts';

/** The reads of all operations: one upstream call in flight for one resource, within the budget. */
export interface SharedReads {
  page(request: ReadRequest, filter: StatusFilter, offset: number): Promise<Page>;
  single(request: ReadRequest, id: string): Promise<Single>;
  /** What the status endpoint reports of an instance; null: there is none. Never cached. */
  details(request: ReadRequest, id: string): Promise<InstanceDetails | null>;
  /** Drops all pages of a tenant, whose key EnviaAI refused. */
  drop(tenant: Tenant): Promise<void>;
  /**
   * Applies a write that was answered, or failed, now: reads that begin later show it, at other
   * replicas too once this resolves.
   */
  readonly applyWrite: (tenant: Tenant, write: Write) => Promise<void>;
  /** Undefined: there is one replica. */
  readonly replicaCache: Pick<ReplicaCache, 'findPage' | 'findSingle'> | undefined;
}

export interface SharedReadsOptions {
  readonly enviaai: Pick<Enviaai, 'list' | 'get' | 'status'>;
  readonly dispatch: Dispatch;
  readonly budget: Pick<Budget, 'refresh'>;
  readonly store: PageStore;
  readonly writes: RecentWrites;
  /** What replicas share; undefined: there is one replica. */
  readonly shared?: SharedPages | undefined;
  readonly sharedWrites?: SharedWrites | undefined;
  readonly onAttemptEnded?: ReplicaWritesParts['onAttemptEnded'];
  readonly onEvent?: PageWriterParts['onEvent'];
  readonly clock: Clock;
  /** Counts a call that was saved by joining one in flight. */
  readonly onJoin?: (() => void) | undefined;
  /** Counts a call that another replica's response saved. */
  readonly onReplicaHit?: (() => void) | undefined;
  readonly track?: TrackEntries | undefined;
}

export function createSharedReads(options: SharedReadsOptions): SharedReads {
  const { enviaai, dispatch, store, onJoin = () => {} } = options;
  const writer = createPageWriter(options);
  const resources = createResources({ enviaai, store, writer });
  const replicaWrites = createReplicaWrites({ ...options, writer });
  const replicaCache = createReplicaCache({
    ...options,
    resources,
    catchUp: replicaWrites.catchUp,
  });

  /** The upstream call for a resource, whose response is written to the cache. */
  function call<Response, Cached extends Response>(
    request: ReadRequest,
    resource: Resource<Response, Cached>,
  ): Promise<Cached> {
    return dispatch(request, async ({ sentAt, again, ticket }) => {
      const cached = resource.cached();
      const response = await resource.fetch({ ...request, again, ticket }, cached);
      return () => resource.write({ response, cached, sentAt });
    });
  }

  function createReader<Response, Cached extends Response & (Page | Single)>() {
    const flights = createSingleFlight<Cached>(options.track);
    return (request: ReadRequest, resource: Resource<Response, Cached>): Promise<Cached> => {
      const key = `${request.tenant} ${resource.name}`;
      const { result, isJoined } = flights.join(key, request.signal, (signal) => {
        const shared = { ...request, signal };
        return replicaCache.fetch(shared, resource, () => call(shared, resource));
      });
      if (isJoined) {
        onJoin();
        request.joined?.();
      }
      return result;
    };
  }

  const readPage = createReader<ListResponse, Page>();
  const readSingle = createReader<InstanceResponse, Single>();

  return {
    page: (request, filter, offset) =>
      readPage(request, resources.page(request.tenant, { filter, offset })),
    single: (request, id) => readSingle(request, resources.single(request.tenant, id)),
    details: createDetailsReader(options),
    drop: (tenant) => replicaCache.drop(tenant),
    applyWrite: replicaWrites.apply,
    replicaCache: options.shared && replicaCache,
  };
}
