import { hash } from 'node:crypto';
import type { Clock } from '#src/domain/clock.ts';
import { Failure } from '#src/domain/failure.ts';
import type { Page, Single } from '#src/domain/page.ts';
import type { StatusFilter } from '#src/domain/row.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import type { Budget, Purpose } from '#src/enviaai/budget.ts';
import type { Enviaai } from '#src/enviaai/instances.ts';
import type { PageStore } from '#src/store/page-store.ts';
import type { SharedPages } from '#src/store/shared-pages.ts';
import { createFlights } from './flights.ts';
import { fullPage } from './grid.ts';
import { createKeeper } from './keep.ts';
import { createRefusals } from './refusals.ts';
import { createSharing, type Sharing } from './sharing.ts';

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
  /** Told when the call that was asked for really goes out; joining another's sends none. */
  readonly sent: () => void;
}

/** The calls of all operations: one in flight for one thing, whoever asks, within the budget. */
export interface Calls {
  page(asker: Asker, filter: StatusFilter, offset: number): Promise<Page>;
  single(asker: Asker, id: string): Promise<Single>;
  /** What other replicas hold. */
  readonly elsewhere: Pick<Sharing, 'bringPage' | 'bringSingle'>;
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
}

/** A window's end is waited for when it is this near; a client is told to come back otherwise. */
const nearResetMs = 2000;

/** SHA-256 of the key, in hexadecimal. */
export const tenantOf = (apiKey: string): Tenant => hash('sha256', apiKey);

export function createCalls(options: CallsOptions): Calls {
  const { enviaai, store, clock, joined = () => {} } = options;
  const pages = createFlights<Page>();
  const singles = createFlights<Single>();
  const refusals = createRefusals(clock.now);
  const keeper = createKeeper(store, clock);
  const sharing = createSharing({ ...options, keeper });

  async function send<T>(asker: Asker, ask: (sentAt: number) => Promise<T>): Promise<T> {
    refusals.check(asker.tenant);
    await takeFrom(options, asker);
    asker.sent();
    try {
      return await ask(clock.now());
    } catch (failure) {
      if (refusals.remember(asker.tenant, failure)) await sharing.drop(asker.tenant);
      throw failure;
    }
  }

  async function askPage(asker: Asker, filter: StatusFilter, offset: number, sentAt: number) {
    const known = store.shelf(asker.tenant).page(filter, offset);
    const query = { status: filter, limit: fullPage, offset };
    const answer = await enviaai.list(asker, query, known);
    return keeper.page(asker.tenant, { filter, offset }, { answer, known, sentAt });
  }

  async function askSingle(asker: Asker, id: string, sentAt: number) {
    const known = store.shelf(asker.tenant).single(id);
    const answer = await enviaai.get(asker, id, known);
    return keeper.single(asker.tenant, id, { answer, known, sentAt });
  }

  return {
    page(asker, filter, offset) {
      const call = () => send(asker, (sentAt) => askPage(asker, filter, offset, sentAt));
      const page = pages.join(`${asker.tenant} ${filter} ${offset}`, () =>
        sharing.page(asker, { filter, offset }, call),
      );
      if (page.joined) joined();
      return page.flight;
    },
    single(asker, id) {
      const call = () => send(asker, (sentAt) => askSingle(asker, id, sentAt));
      const single = singles.join(`${asker.tenant} ${id}`, () => sharing.single(asker, id, call));
      if (single.joined) joined();
      return single.flight;
    },
    elsewhere: sharing,
  };
}

/** Takes one request from the budget: at once, or when the window ends within moments, or not at all. */
async function takeFrom(options: CallsOptions, { tenant, purpose }: Asker) {
  const { budget, clock, waited, denied } = options;
  let grant = await budget.take(tenant, purpose);
  if (!grant.granted && purpose === 'required' && grant.retryAfterMs <= nearResetMs) {
    waited?.(grant.retryAfterMs);
    await clock.sleep(grant.retryAfterMs);
    grant = await budget.take(tenant, purpose);
  }
  if (!grant.granted) {
    denied?.(purpose);
    const { retryAfterMs } = grant;
    throw new Failure('rate-limited', 'The budget is spent', { retryAfterMs });
  }
}
