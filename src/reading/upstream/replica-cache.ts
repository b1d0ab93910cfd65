import { copyBytes } from '#src/domain/copies.ts';
import { Failure } from '#src/domain/failure.ts';
import type { Page, Single } from '#src/domain/page.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import type { Budget } from '#src/enviaai/budget.ts';
import type { PageStore } from '#src/store/page-store.ts';
import type { SharedPages, StoredResponse } from '#src/store/shared-pages.ts';
import type { ListPosition, Resource, Resources } from './resources.ts';

/** Whose read it is, and how old a response may be. */
interface ReplicaRead {
  readonly tenant: Tenant;
  /** When the operation began, in milliseconds. */
  readonly startedAt: number;
  /** A response sent earlier is not accepted, in milliseconds. */
  readonly since: number;
}

/** Single-flight between replicas, and the pages that they share through Redis. */
export interface ReplicaCache {
  /**
   * The response to another replica's call that was in flight when the operation began, or was sent
   * later; else the result of the call, which the other replicas then get.
   */
  fetch<Response, Cached extends Response & (Page | Single)>(
    read: ReplicaRead,
    resource: Resource<Response, Cached>,
    call: () => Promise<Cached>,
  ): Promise<Cached>;
  /**
   * The page of another replica, if it is newer than the one cached here, which it then replaces.
   */
  findPage(tenant: Tenant, at: ListPosition): Promise<Page | undefined>;
  findSingle(tenant: Tenant, id: string): Promise<Single | undefined>;
  /** Drops all pages of a tenant, in this process and in Redis. */
  drop(tenant: Tenant): Promise<void>;
}

export interface ReplicaCacheOptions {
  /** Undefined: there is one replica. */
  readonly shared?: SharedPages | undefined;
  readonly store: PageStore;
  readonly resources: Resources;
  /** Applies the writes of other replicas, which are newer than pages of theirs. */
  readonly catchUp: (tenant: Tenant) => Promise<void>;
  /** Refreshed with each response of another replica, whose call has changed it. */
  readonly budget: Pick<Budget, 'refresh'>;
  /** Counts a call that another replica's response saved. */
  readonly onReplicaHit?: (() => void) | undefined;
}

export function createReplicaCache(options: ReplicaCacheOptions): ReplicaCache {
  const { shared, store, resources, budget, catchUp, onReplicaHit = () => {} } = options;

  async function find<Response, Cached extends Response & (Page | Single)>(
    tenant: Tenant,
    resource: Resource<Response, Cached>,
  ): Promise<Cached | undefined> {
    if (!shared) return undefined;
    const cached = resource.cached();
    const sentAfter = cached?.sentAt ?? Number.NEGATIVE_INFINITY;
    const lookup = shared.find(tenant, resource.name, sentAfter);
    const [{ response, droppedAt }] = await Promise.all([lookup, catchUp(tenant)]);
    // EnviaAI refused the key to another replica since: pages fetched before are no longer served.
    if (cached && droppedAt !== undefined && cached.sentAt < droppedAt) store.drop(tenant);
    if (!response) return undefined;
    await budget.refresh(tenant);
    return cacheResponse(resource, response);
  }

  return {
    async fetch(read, resource, call) {
      if (!shared) return call();
      const claiming = shared.claim(read.tenant, resource.name, {
        receivedAfter: read.startedAt,
        sentSince: read.since,
      });
      const [claim] = await Promise.all([claiming, catchUp(read.tenant)]);
      if (claim.kind === 'response') {
        const cached = cacheResponse(resource, claim);
        if (cached === undefined) return call();
        await budget.refresh(read.tenant);
        onReplicaHit();
        return cached;
      }
      try {
        const fetched = await call();
        await claim.put(fetched.bytes, fetched.sentAt);
        return fetched;
      } finally {
        await claim.release();
      }
    },
    findPage: (tenant, at) => find(tenant, resources.page(tenant, at)),
    findSingle: (tenant, id) => find(tenant, resources.single(tenant, id)),
    async drop(tenant) {
      store.drop(tenant);
      await shared?.drop(tenant);
    },
  };
}

/**
 * Caches the response of another replica. Equal bytes are the cached response itself, so that it
 * keeps its version. Undefined: the bytes cannot be read, which is a miss.
 */
function cacheResponse<Response, Cached extends Response & (Page | Single)>(
  resource: Resource<Response, Cached>,
  { bytes, sentAt }: StoredResponse,
): Cached | undefined {
  const cached = resource.cached();
  const response = cached?.bytes.equals(bytes) ? cached : parsed(resource, bytes);
  return response && resource.write({ response, cached, sentAt });
}

function parsed<Response, Cached extends Response>(
  resource: Resource<Response, Cached>,
  bytes: Buffer,
): Response | undefined {
  try {
    // A copy: the bytes are a view of a reply of Redis.
    return resource.parse(copyBytes(bytes));
  } catch (failure) {
    if (failure instanceof Failure) return undefined;
    throw failure;
  }
}
