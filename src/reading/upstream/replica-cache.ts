import type { Page, Single } from '#src/domain/page.ts';
import type { StatusFilter } from '#src/domain/row.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import { parseInstanceResponse, parseListResponse } from '#src/enviaai/client/instances.ts';
import type { PageStore } from '#src/store/page-store.ts';
import type { StoredResponse, SharedPages } from '#src/store/shared-pages.ts';
import { maxPageRows } from '#src/reading/pages/page-grid.ts';
import type { PageWriter } from './page-writer.ts';

interface Place {
  readonly filter: StatusFilter;
  readonly offset: number;
}

/** Whose call it is, and what another replica's has to be to stand in for it. */
interface Asker {
  readonly tenant: Tenant;
  readonly startedAt: number;
  readonly since: number;
}

/** Between this process's calls and those of the other replicas. */
export interface ReplicaCache {
  /** The answer to another replica's call that was under way when the asker began, or came later; else the call's own. */
  page(asker: Asker, place: Place, call: () => Promise<Page>): Promise<Page>;
  single(asker: Asker, id: string, call: () => Promise<Single>): Promise<Single>;
  /** The page as another replica holds it, if that is newer than the one held here, which it replaces. */
  bringPage(tenant: Tenant, place: Place): Promise<Page | undefined>;
  bringSingle(tenant: Tenant, id: string): Promise<Single | undefined>;
  /** Forgets all that a tenant holds, here and everywhere. */
  drop(tenant: Tenant): Promise<void>;
}

export interface ReplicaCacheOptions {
  readonly shared?: SharedPages | undefined;
  readonly store: PageStore;
  readonly keeper: PageWriter;
  readonly joinedReplica?: (() => void) | undefined;
}

export function createReplicaCache(options: ReplicaCacheOptions): ReplicaCache {
  const { shared, store, keeper, joinedReplica = () => {} } = options;

  const keepPage = (
    tenant: Tenant,
    { filter, offset }: Place,
    { bytes, sentAt }: StoredResponse,
  ): Page => {
    const known = store.tenant(tenant).page(filter, offset);
    const query = { status: filter, limit: maxPageRows, offset };
    const answer = known?.bytes.equals(bytes) ? known : parseListResponse(bytes, query);
    return keeper.page(tenant, { filter, offset }, { answer, known, sentAt });
  };
  const keepSingle = (tenant: Tenant, id: string, { bytes, sentAt }: StoredResponse): Single => {
    const known = store.tenant(tenant).single(id);
    const answer = known?.bytes.equals(bytes) ? known : parseInstanceResponse(bytes);
    return keeper.single(tenant, id, { answer, known, sentAt });
  };

  async function ask<T extends Page | Single>(
    { tenant, startedAt, since }: Asker,
    name: string,
    { keep, call }: { keep: (kept: StoredResponse) => T; call: () => Promise<T> },
  ): Promise<T> {
    if (!shared) return call();
    const claim = await shared.claim(tenant, name, {
      receivedAfter: startedAt,
      sentSince: since,
    });
    if (claim.kind === 'response') {
      const theirs = keep(claim);
      joinedReplica();
      return theirs;
    }
    try {
      const own = await call();
      await claim.put(own.bytes, own.sentAt);
      return own;
    } finally {
      await claim.release();
    }
  }

  async function bring<T extends Page | Single>(
    tenant: Tenant,
    name: string,
    { held, keep }: { held: T | undefined; keep: (kept: StoredResponse) => T },
  ): Promise<T | undefined> {
    if (!shared) return undefined;
    const { response, droppedAt } = await shared.find(
      tenant,
      name,
      held?.sentAt ?? Number.NEGATIVE_INFINITY,
    );
    // The key was refused to another replica since: what it got before is not shown any more.
    if (held && droppedAt !== undefined && held.sentAt < droppedAt) store.drop(tenant);
    return response && keep(response);
  }

  return {
    page: (asker, place, call) =>
      ask(asker, nameOf(place), { keep: (kept) => keepPage(asker.tenant, place, kept), call }),
    single: (asker, id, call) =>
      ask(asker, `get:${id}`, { keep: (kept) => keepSingle(asker.tenant, id, kept), call }),
    bringPage: (tenant, place) =>
      bring(tenant, nameOf(place), {
        held: store.tenant(tenant).page(place.filter, place.offset),
        keep: (kept) => keepPage(tenant, place, kept),
      }),
    bringSingle: (tenant, id) =>
      bring(tenant, `get:${id}`, {
        held: store.tenant(tenant).single(id),
        keep: (kept) => keepSingle(tenant, id, kept),
      }),
    async drop(tenant) {
      store.drop(tenant);
      await shared?.drop(tenant);
    },
  };
}

const nameOf = ({ filter, offset }: Place): string => `${filter}:${offset}`;
