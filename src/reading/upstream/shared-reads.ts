import { hash } from 'node:crypto';
import type { Clock } from '#src/domain/clock.ts';
import type { Page, Single } from '#src/domain/page.ts';
import type { StatusFilter } from '#src/domain/row.ts';
import type { Span } from '#src/domain/span.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import type { Budget, Purpose } from '#src/enviaai/budget.ts';
import type { Enviaai } from '#src/enviaai/client/instances.ts';
import type { PageStore } from '#src/store/page-store.ts';
import type { SharedPages } from '#src/store/shared-pages.ts';
import { createFlights } from './single-flight.ts';
import { fullPage } from '#src/reading/pages/page-grid.ts';
import { createKeeper } from './page-writer.ts';
import { createSending } from './dispatch.ts';
import { createSharing, type Sharing } from './replica-cache.ts';

/** On whose behalf, and how urgently, a call is asked for. */
export interface Asker {
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
interface Asking extends Asker {
  readonly again: boolean;
}

/** The calls of all operations: one in flight for one thing, whoever asks, within the budget. */
export interface Calls {
  page(asker: Asker, filter: StatusFilter, offset: number): Promise<Page>;
  single(asker: Asker, id: string): Promise<Single>;
  /** What other replicas hold; undefined: there are none. */
  readonly elsewhere: Pick<Sharing, 'bringPage' | 'bringSingle'> | undefined;
}

export interface CallsOptions {
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

/** SHA-256 of the key, in hexadecimal. */
export const tenantOf = (apiKey: string): Tenant => hash('sha256', apiKey);

interface Place {
  readonly filter: StatusFilter;
  readonly offset: number;
}

export function createCalls(options: CallsOptions): Calls {
  const { enviaai, store, clock, joined = () => {} } = options;
  const pages = createFlights<Page>();
  const singles = createFlights<Single>();
  const keeper = createKeeper(store, clock);
  const sharing = createSharing({ ...options, keeper });
  const send = createSending({ ...options, refused: (tenant) => sharing.drop(tenant) });

  const join = (asker: Asker) => {
    joined();
    asker.joins?.();
  };

  async function askPage(asker: Asking, { filter, offset }: Place, sentAt: number) {
    const known = store.shelf(asker.tenant).page(filter, offset);
    const query = { status: filter, limit: fullPage, offset };
    const answer = await enviaai.list(asker, query, known);
    return { answer, known, sentAt };
  }

  async function askSingle(asker: Asking, id: string, sentAt: number) {
    const known = store.shelf(asker.tenant).single(id);
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
