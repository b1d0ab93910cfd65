import type { Clock } from '#src/domain/clock.ts';
import type { Page, Single } from '#src/domain/page.ts';
import type { StatusFilter } from '#src/domain/row.ts';
import type { Span } from '#src/domain/span.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import type { Budget, Purpose } from '#src/enviaai/budget.ts';
import type { Enviaai } from '#src/enviaai/client/instances.ts';
import type { PageStore } from '#src/store/page-store.ts';
import type { SharedPages } from '#src/store/shared-pages.ts';
import { createSingleFlight } from './single-flight.ts';
import { maxPageRows } from '#src/reading/pages/page-grid.ts';
import { createPageWriter } from './page-writer.ts';
import { createDispatch } from './dispatch.ts';
import { createReplicaCache, type ReplicaCache } from './replica-cache.ts';

/** On whose behalf, and how urgently, a call is asked for. */
export interface ReadRequest {
  readonly tenant: Tenant;
  readonly apiKey: string;
  readonly requestId: string;
  readonly purpose: Purpose;
  /** When its operation began: what came earlier was not called for by it. */
  readonly startedAt: number;
  /** Nothing that was sent earlier will do. */
  readonly since: number;
  /** Aborted when its operation waits no more. */
  readonly signal: AbortSignal;
  /** Told when another's call was joined, which may have been asked for with less urgency. */
  readonly joins?: (() => void) | undefined;
  /** Told when the call that was asked for really goes out; joining another's sends none. */
  readonly sent: () => void;
  /** What the call is part of, if it is the one that goes out. */
  readonly span?: Span | undefined;
}

/** An asker whose call goes out, for the first time or again. */
interface Asking extends ReadRequest {
  readonly again: boolean;
}

/** The calls of all operations: one in flight for one thing, whoever asks, within the budget. */
export interface SharedReads {
  page(asker: ReadRequest, filter: StatusFilter, offset: number): Promise<Page>;
  single(asker: ReadRequest, id: string): Promise<Single>;
  /** What other replicas hold; undefined: there are none. */
  readonly elsewhere: Pick<ReplicaCache, 'bringPage' | 'bringSingle'> | undefined;
}

export interface SharedReadsOptions {
  readonly enviaai: Enviaai;
  readonly budget: Budget;
  readonly store: PageStore;
  /** What replicas share; without it there is one. */
  readonly shared?: SharedPages | undefined;
  readonly clock: Clock;
  /** Told of every call that was saved by joining one in flight. */
  readonly joined?: (() => void) | undefined;
  /** Told of every call that was saved by the answer to another replica's. */
  readonly joinedReplica?: (() => void) | undefined;
  /** Told how long a call waited for the window to end. */
  readonly waited?: ((ms: number) => void) | undefined;
  /** Told of every call that was not sent, for the sake of the budget. */
  readonly denied?: ((purpose: Purpose) => void) | undefined;
  /** Told of every call that is sent again. */
  readonly retried?: (() => void) | undefined;
}

interface Place {
  readonly filter: StatusFilter;
  readonly offset: number;
}

export function createSharedReads(options: SharedReadsOptions): SharedReads {
  const { enviaai, store, clock, joined = () => {} } = options;
  const pages = createSingleFlight<Page>();
  const singles = createSingleFlight<Single>();
  const keeper = createPageWriter(store, clock);
  const sharing = createReplicaCache({ ...options, keeper });
  const send = createDispatch({ ...options, refused: (tenant) => sharing.drop(tenant) });

  const join = (asker: ReadRequest) => {
    joined();
    asker.joins?.();
  };

  async function askPage(asker: Asking, { filter, offset }: Place, sentAt: number) {
    const known = store.tenant(asker.tenant).page(filter, offset);
    const query = { status: filter, limit: maxPageRows, offset };
    const answer = await enviaai.list(asker, query, known);
    return { answer, known, sentAt };
  }

  async function askSingle(asker: Asking, id: string, sentAt: number) {
    const known = store.tenant(asker.tenant).single(id);
    const answer = await enviaai.get(asker, id, known);
    return { answer, known, sentAt };
  }

  return {
    page(asker, filter, offset) {
      const place = { filter, offset };
      const key = `${asker.tenant} ${filter} ${offset}`;
      const page = pages.join(key, asker.signal, (signal) => {
        const all = { ...asker, signal };
        return sharing.page(all, place, async () => {
          const arrived = await send(all, (sentAt, again) =>
            askPage({ ...all, again }, place, sentAt),
          );
          return keeper.page(all.tenant, place, arrived);
        });
      });
      if (page.joined) join(asker);
      return page.flight;
    },
    single(asker, id) {
      const single = singles.join(`${asker.tenant} ${id}`, asker.signal, (signal) => {
        const all = { ...asker, signal };
        return sharing.single(all, id, async () => {
          const arrived = await send(all, (sentAt, again) =>
            askSingle({ ...all, again }, id, sentAt),
          );
          return keeper.single(all.tenant, id, arrived);
        });
      });
      if (single.joined) join(asker);
      return single.flight;
    },
    elsewhere: options.shared && sharing,
  };
}
