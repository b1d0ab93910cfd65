import type { Page, Single } from '#src/domain/page.ts';
import type { Row } from '#src/domain/row.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import { isEqualRow } from '#src/reading/pages/row-identity.ts';
import { rowsById } from '#src/reading/pages/rows-by-id.ts';
import type { ReadCost } from '#src/reading/session/read-cost.ts';
import type { SourceRef, Validator, WalkStart } from '#src/reading/session/validator.ts';
import type { PageStore, TenantPages } from '#src/store/page-store.ts';

export interface CurrentCostOptions {
  readonly store: Pick<PageStore, 'tenant'>;
  readonly now: () => number;
  /** Requests left in the window of the tenant's key; null: unknown. */
  readonly remaining: (tenant: Tenant) => number | null;
  /** 0: no cached response is current. */
  readonly freshMs: number;
}

/**
 * Cost of a cache hit; null if the cached response must be revalidated. A response is current while
 * every page that it was made from is fresh and cached in the same version. A page whose time is in
 * a cursor of the response must not have been fetched again since either. If rows were picked as
 * the newest of their ids, nothing that was put since may show them differently.
 */
export function createCurrentCost({ store, now, remaining, freshMs }: CurrentCostOptions) {
  // Memoized by the revision: until the next write, only time can change the result.
  const results = new WeakMap<Validator, { readonly revision: number; readonly cost: ReadCost }>();

  return (tenant: Tenant, validator: Validator): ReadCost | null => {
    if (freshMs === 0) return null;
    const pages = store.tenant(tenant);
    const since = now() - freshMs;
    const revision = pages.revision();
    const last = results.get(validator);
    const isKnown = last?.revision === revision;
    const known = isKnown ? last.cost : costOf(pages, since, validator);
    if (!known || (known.asOf ?? since) < since) return null;
    if (!isKnown && !hasNewestRows(pages, validator, last?.revision ?? validator.revision)) {
      return null;
    }
    const left = remaining(tenant);
    const cost = known.remaining === left ? known : { ...known, remaining: left };
    if (!isKnown || cost !== last.cost) results.set(validator, { revision, cost });
    return cost;
  };
}

function costOf(
  pages: TenantPages,
  since: number,
  { sources, walkStarts }: Validator,
): ReadCost | null {
  const sentAts: number[] = [];
  for (const ref of sources) {
    const source = sourceOf(pages, ref);
    if (source?.version !== ref.version || source.sentAt < since || source.outdated) return null;
    sentAts.push(source.sentAt);
  }
  const hasMoved = ({ walkStart, from }: WalkStart) =>
    walkStart !== Math.min(...from.map((index) => sentAts[index] ?? walkStart));
  if (walkStarts.some(hasMoved)) return null;

  const filtered = sources.filter((ref) => ref.kind === 'page' && ref.as !== ref.filter);
  const memory = sources.length - filtered.length;
  const saved = { memory, replica: 0, narrowed: filtered.length };
  return { calls: 0, asOf: Math.min(...sentAts), stale: false, remaining: null, saved };
}

const sourceOf = (pages: TenantPages, ref: SourceRef): Page | Single | undefined =>
  ref.kind === 'single' ? pages.single(ref.id) : pages.page(ref.filter, ref.offset);

/**
 * Whether all that was put after a revision shows the picked rows as the response does, or not
 * at all. False also if that is unknown; true if no row was picked.
 */
function hasNewestRows(
  pages: TenantPages,
  { sources }: Validator,
  revision: number | null,
): boolean {
  if (revision === null) return true;
  const put = pages.putSince(revision);
  if (!put) return false;
  return sources.every((ref) => {
    const source = sourceOf(pages, ref);
    if (!source) return false;
    const others = put.filter((other) => other !== source);
    return (ref.picked ?? []).every((id) => {
      const row = rowOf(source, id);
      return others.every((other) => isSameOrAbsent(rowOf(other, id), row));
    });
  });
}

/** Null: EnviaAI has no such instance; undefined: the page does not show it. */
function rowOf(source: Page | Single, id: string): Row | null | undefined {
  if ('offset' in source) return rowsById(source.rows).get(id);
  return source.id === id ? source.row : undefined;
}

function isSameOrAbsent(other: Row | null | undefined, row: Row | null | undefined): boolean {
  if (other === undefined || other === row) return true;
  return Boolean(other && row && isEqualRow(other, row));
}
