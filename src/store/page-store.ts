import type { Page, Single } from '#src/domain/page.ts';
import type { StatusFilter } from '#src/domain/row.ts';
import type { Tenant } from '#src/domain/tenant.ts';

/** The cached pages of one tenant. */
export interface TenantPages {
  /** The pages of a list, the last written one at the end. */
  pages(filter: StatusFilter): readonly Page[];
  page(filter: StatusFilter, offset: number): Page | undefined;
  single(id: string): Single | undefined;
  /**
   * Increases with every write, also of equal content. 0: nothing was written. No two tenants have
   * the same revision above 0, nor has one tenant after it was dropped.
   */
  revision(): number;
  /**
   * What was put after this revision, as it is cached now; undefined: too much to remember, or all
   * pages were rewritten since.
   */
  putSince(revision: number): readonly (Page | Single)[] | undefined;
}

/** A cache of pages, bounded by bytes; the least recently used tenants are dropped first. */
export interface PageStore {
  tenant(tenant: Tenant): TenantPages;
  /** Does nothing if the stored page was sent later; `putSingle` alike. */
  putPage(tenant: Tenant, page: Page): void;
  putSingle(tenant: Tenant, single: Single): void;
  /** Replaces each page and single of a tenant, in its place. */
  rewrite(tenant: Tenant, change: Rewrite): void;
  /** Deletes everything of a tenant. */
  drop(tenant: Tenant): void;
  /** The bytes are estimated, as for the bound. */
  usage(): { readonly bytes: number; readonly tenants: number };
}

/** Each returns the argument itself where there is nothing to change. */
export interface Rewrite {
  readonly page: (page: Page) => Page;
  readonly single: (single: Single) => Single;
}
