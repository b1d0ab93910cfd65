import type { Page, Single } from '#src/domain/page.ts';
import type { StatusFilter } from '#src/domain/row.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import {
  type CallCredentials,
  type Enviaai,
  type InstanceResponse,
  type ListResponse,
  parseInstanceResponse,
  parseListResponse,
} from '#src/enviaai/client/instances.ts';
import { maxPageRows } from '#src/reading/pages/page-grid.ts';
import type { PageStore } from '#src/store/page-store.ts';
import type { PageWriter, Received } from './page-writer.ts';

/** One thing to fetch for a tenant, a page of a list or one instance, and how it is cached. */
export interface Resource<Response, Cached extends Response> {
  /** Unique among the tenant's resources. */
  readonly name: string;
  /** As it is cached in this process, of any age. */
  readonly cached: () => Cached | undefined;
  /**
   * Fetches it by an upstream call. A response with the bytes of the cached one is the cached one
   * itself.
   */
  readonly fetch: (credentials: CallCredentials, cached?: Cached) => Promise<Response>;
  /** Reads a response from the bytes that another replica received. */
  readonly parse: (bytes: Buffer) => Response;
  readonly write: (received: Received<Response, Cached>) => Cached;
}

export interface ListPosition {
  readonly filter: StatusFilter;
  readonly offset: number;
}

export interface Resources {
  page(tenant: Tenant, at: ListPosition): Resource<ListResponse, Page>;
  single(tenant: Tenant, id: string): Resource<InstanceResponse, Single>;
}

export interface ResourcesOptions {
  readonly enviaai: Pick<Enviaai, 'list' | 'get'>;
  readonly store: PageStore;
  readonly writer: PageWriter;
}

export const createResources = ({ enviaai, store, writer }: ResourcesOptions): Resources => ({
  page(tenant, at) {
    const { filter, offset } = at;
    const query = { status: filter, limit: maxPageRows, offset };
    return {
      name: `${filter}:${offset}`,
      cached: () => store.tenant(tenant).page(filter, offset),
      fetch: (credentials, cached) => enviaai.list(credentials, query, cached),
      parse: (bytes) => parseListResponse(bytes, query),
      write: (received) => writer.page(tenant, at, received),
    };
  },
  single: (tenant, id) => ({
    name: `get:${id}`,
    cached: () => store.tenant(tenant).single(id),
    fetch: (credentials, cached) => enviaai.get(credentials, id, cached),
    parse: parseInstanceResponse,
    write: (received) => writer.single(tenant, id, received),
  }),
});
