import type { Page, Single } from '#src/domain/page.ts';
import type { StatusFilter } from '#src/domain/row.ts';
import type { Tenant } from '#src/domain/tenant.ts';

/** All that is held for one tenant. */
export interface TenantPages {
  /** In the order in which they were last brought. */
  pages(filter: StatusFilter): readonly Page[];
  page(filter: StatusFilter, offset: number): Page | undefined;
  single(id: string): Single | undefined;
  /** Another number after anything was put there, the same again too; no other shelf ever had it. 0: nothing was. */
  revision(): number;
}

/** Pages that outlive a request, bounded by bytes: tenants not used in a while go first. */
export interface PageStore {
  tenant(tenant: Tenant): TenantPages;
  putPage(tenant: Tenant, page: Page): void;
  putSingle(tenant: Tenant, single: Single): void;
  /** Forgets all that a tenant holds. */
  drop(tenant: Tenant): void;
  /** How much is held, by the estimate that bounds it. */
  usage(): { readonly bytes: number; readonly tenants: number };
}
