import type { Instance, InstanceStatus } from '#src/domain/instance.ts';
import type { Row, StatusFilter } from '#src/domain/row.ts';
import type { Budget } from '#src/enviaai/budget.ts';
import type { Enviaai } from '#src/enviaai/client/instances.ts';
import { createDispatch } from '#src/reading/upstream/dispatch.ts';
import { createSharedReads, type SharedReads } from '#src/reading/upstream/shared-reads.ts';
import { createRecentWrites } from '#src/reading/written/recent-writes.ts';
import { createPageFeed, type PageFeed } from '#src/reading/live/page-feed.ts';
import {
  createReadSession,
  type ReadSession,
  type ReadSessionOptions,
} from '#src/reading/session/read-session.ts';
import { createSearchCheckpoints } from '#src/reading/session/search-checkpoints.ts';
import { createMemoryPageStore } from '#src/store/memory/memory-pages.ts';
import type { PageStore } from '#src/store/page-store.ts';
import { createTestClock, type TestClock } from '#test/support/clock.ts';

/**
 * An upstream whose list changes under its readers, with the reading of this server in front of it.
 */
export interface World {
  readonly clock: TestClock;
  readonly list: Listed[];
  readonly calls: string[];
  readonly store: PageStore;
  /** What is written to the store. */
  readonly feed: PageFeed;
  /** With what sessions are created. */
  readonly reading: () => ReadSessionOptions;
  /** Tells the reading of a write that EnviaAI answered now. */
  readonly applyWrite: SharedReads['applyWrite'];
  readonly freshMs: number;
  /** Called just before each list call is answered: changes that happen during a client's page. */
  during: () => void;
  /** Awaited between the arrival of a call and its answer; calls that wait can pass each other. */
  latency: () => Promise<void>;
  /** Upper bound on the rows of a response; it can change between two calls. */
  cap: number;
  session(options?: { noCache?: boolean }): ReadSession;
  insert(at: number): Listed;
  remove(at: number): Listed | undefined;
}

export interface Listed {
  readonly id: string;
  status: InstanceStatus;
  readonly createdAt: string;
  readonly webhookUrl?: string;
}

export interface WorldOptions {
  readonly rows: number;
  readonly freshMs?: number;
  readonly staleMs?: number;
  /** `exceptions`: ascending, but for rows that are put in between and claim to be the oldest. */
  readonly order?: 'ascending' | 'descending' | 'exceptions' | 'none';
  /** Most rows that the vendor gives in an answer. */
  readonly cap?: number;
  readonly random?: () => number;
  /** The webhook of all rows; by default, none. */
  readonly webhookUrl?: string;
}

/** Calls that are in flight together are answered in any order. */
export const anyOrder = (random: () => number) => async (): Promise<void> => {
  for (let turns = Math.floor(random() * 20); turns > 0; turns -= 1) await Promise.resolve();
};

const statuses: readonly InstanceStatus[] = ['connected', 'disconnected', 'connecting'];

export function createWorld(options: WorldOptions): World {
  const { rows, freshMs = 2000, staleMs = 60_000, order = 'ascending', cap = 100 } = options;
  const random = options.random ?? (() => 0);
  const clock = createTestClock();
  const list: Listed[] = [];
  const calls: string[] = [];
  let made = 0;

  /** In an ordered list, a row put in between is as old as the one beside it. */
  const createdAt = (at: number): string => {
    const isNewest = order === 'descending' ? at === 0 : at >= list.length;
    if (order === 'exceptions' && !isNewest) return new Date(Date.UTC(2025, 0, 1)).toISOString();
    const beside = list[Math.max(0, at - 1)];
    if (order !== 'none' && !isNewest && beside) return beside.createdAt;
    const step = order === 'none' ? Math.floor(random() * 1e6) : made;
    return new Date(Date.UTC(2025, 0, 1) + step * 1000).toISOString();
  };

  const make = (at: number): Listed => {
    made += 1;
    return {
      id: `inst_${made.toString(36).padStart(6, '0')}`,
      status: statuses[Math.floor(random() * statuses.length)] ?? 'connected',
      createdAt: createdAt(at),
      ...(options.webhookUrl !== undefined && { webhookUrl: options.webhookUrl }),
    };
  };

  const feed = createPageFeed(createMemoryPageStore(1e9));
  const { store } = feed;
  const reading = () => ({ reads, budget, store, writes, checkpoints, clock, freshMs, staleMs });
  const world: World = {
    clock,
    list,
    calls,
    store,
    feed,
    reading,
    applyWrite: (...write) => reads.applyWrite(...write),
    freshMs,
    during: () => {},
    latency: async () => {},
    cap,
    insert(at) {
      const row = make(at);
      list.splice(at, 0, row);
      return row;
    },
    remove: (at) => list.splice(at, 1)[0],
    session: ({ noCache = false } = {}) =>
      createReadSession(reading(), {
        tenant: 'tenant',
        apiKey: 'key',
        requestId: 'request',
        signal: new AbortController().signal,
        noCache,
      }),
  };
  const budget: Budget = {
    take: async () => ({ granted: true, ticket: 'ticket' }),
    learn: async () => {},
    release: async () => {},
    rateLimit: () => null,
    refresh: async () => {},
    limit: () => 50,
  };
  const enviaai = createSimulated(world);
  const checkpoints = createSearchCheckpoints(clock, { maxAgeMs: staleMs, maxBytes: 1e9 });
  const writes = createRecentWrites({ now: clock.now, maxPageAgeMs: staleMs });
  const dispatch = createDispatch({
    budget,
    clock,
    onRejectedKey: (tenant) => reads.drop(tenant),
  });
  const reads = createSharedReads({
    enviaai,
    dispatch,
    budget,
    store,
    writes,
    onEvent: feed.nudge,
    clock,
  });

  for (let row = 0; row < rows; row += 1) world.insert(order === 'descending' ? 0 : row);
  return world;
}

function createSimulated(world: World): Pick<Enviaai, 'list' | 'get' | 'status'> {
  return {
    async list(_caller, { status, limit, offset }, known) {
      world.calls.push(`${status} ${offset}`);
      await world.latency();
      world.during();
      const rows = world.list.filter((row) => isIn(row, status));
      const page = rows.slice(offset, offset + Math.min(limit, world.cap));
      const bytes = Buffer.from(JSON.stringify([page, rows.length]));
      if (known?.bytes.equals(bytes)) return known;
      return {
        bytes,
        rows: page.map(rowOf),
        total: rows.length,
        hasMore: offset + page.length < rows.length,
      };
    },
    status: () => Promise.reject(new Error('The simulated upstream has no status endpoint')),
    async get(_caller, id) {
      world.calls.push(`get ${id}`);
      await world.latency();
      world.during();
      const row = world.list.find((listed) => listed.id === id);
      return { bytes: Buffer.from(id), row: row ? rowOf(row) : null };
    },
  };
}

export const isIn = ({ status }: Listed, filter: StatusFilter): boolean =>
  filter === 'all' || status === filter;

export const rowOf = ({ id, status, createdAt, webhookUrl }: Listed): Row => ({
  key: id,
  instance: {
    id,
    name: id,
    phone: null,
    status,
    profileName: null,
    profilePicUrl: null,
    createdAt,
    lastSeenAt: null,
    webhookUrl: webhookUrl ?? null,
    webhookEvents: null,
    settings: null,
  } satisfies Instance,
});
