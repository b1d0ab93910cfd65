import type { Page, Single } from '#src/domain/page.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import type { PageStore, TenantPages } from '#src/store/page-store.ts';
import type { ReadCost } from '#src/reading/session/read-cost.ts';
import type { SourceRef, Validator } from '#src/reading/session/validator.ts';

export interface CurrentOptions {
  readonly store: PageStore;
  readonly now: () => number;
  /** 0: nothing stands. */
  readonly freshMs: number;
}

/**
 * What it costs to give an answer as it was last given: for that, all it was made from has to be held in
 * the same versions, fresh, and not refreshed since, where its cursors tell. Null: it takes an operation to tell.
 */
export function createIsCurrent({ store, now, freshMs }: CurrentOptions) {
  // What was found last, and after which put: while nothing is put, only time can change it.
  const found = new WeakMap<Validator, { readonly puts: number; readonly cost: ReadCost }>();

  const look = (
    shelf: TenantPages,
    since: number,
    { sources, revision, walkStarts }: Validator,
  ): ReadCost | null => {
    const sentAts: number[] = [];
    for (const mark of sources) {
      const held = heldAt(shelf, mark);
      if (held?.version !== mark.version || held.sentAt < since) return null;
      sentAts.push(held.sentAt);
    }
    if (revision !== null && shelf.revision() !== revision) return null;
    const isMoved = ({ walkStart, from }: Validator['walkStarts'][number]) =>
      walkStart !== Math.min(...from.map((index) => sentAts[index] ?? walkStart));
    if (walkStarts.some(isMoved)) return null;

    const narrowed = sources.filter((mark) => mark.kind === 'page' && mark.as !== mark.filter);
    const memory = sources.length - narrowed.length;
    const saved = { memory, replica: 0, narrowed: narrowed.length };
    return { calls: 0, asOf: Math.min(...sentAts), stale: false, saved };
  };

  return (tenant: Tenant, validator: Validator): ReadCost | null => {
    if (freshMs === 0) return null;
    const shelf = store.tenant(tenant);
    const since = now() - freshMs;
    const puts = shelf.revision();
    const last = found.get(validator);
    if (last?.puts === puts) return (last.cost.asOf ?? since) < since ? null : last.cost;
    const cost = look(shelf, since, validator);
    if (cost) found.set(validator, { puts, cost });
    return cost;
  };
}

const heldAt = (shelf: TenantPages, mark: SourceRef): Page | Single | undefined =>
  mark.kind === 'single' ? shelf.single(mark.id) : shelf.page(mark.filter, mark.offset);
