import { Failure } from '#src/domain/failure.ts';
import type { Page, Single } from '#src/domain/page.ts';
import type { Row, StatusFilter } from '#src/domain/row.ts';
import { isWholeAccount } from '#src/reading/pages/whole-account.ts';
import { rowsById } from '#src/reading/pages/rows-by-id.ts';
import { isEqualRow } from '#src/reading/pages/row-identity.ts';
import { isFinal } from '#src/reading/live/is-final.ts';
import { statusMatch } from './status-match.ts';
import { earliest, markFailed, markRead, newId, type WatchedId } from './watched-id.ts';
import {
  firstRetryMs,
  intervalOf,
  isPaceRefusal,
  isWholeList,
  type PollResult,
  type RowsView,
  scansForProof,
  staleAgeMs,
  type WatchedRows,
  waitsForPace,
} from './watched-rows.ts';

/** Rows by id, from fresh pages or by calls. */
export interface IdsRead {
  /** By id; null: EnviaAI has no such instance. */
  readonly results: ReadonlyMap<string, Row | null | Failure>;
  /** When the oldest response was requested that a row is from; null: there is none. */
  readonly asOf: number | null;
  /** Rows are older than fresh, since no newer ones could be had. */
  readonly isStale: boolean;
  /** The pace of live calls has refused a call. */
  readonly isRefused: boolean;
  readonly calls: number;
  /** Ids whose absence is proved: by a 404, or by one page that is the whole list. */
  readonly proved: ReadonlySet<string>;
}

export interface WatchedIdsOptions {
  readonly pollMs: number;
  readonly now: () => number;
  /** `isFirst`: the ids were never read, so that pages of the polls before count as fresh. */
  readonly readIds: (
    ids: readonly string[],
    signal: AbortSignal,
    isFirst: boolean,
  ) => Promise<IdsRead>;
  readonly isCreatedLately: (id: string) => boolean;
  /** Whether changes of a row are reported by webhooks. */
  readonly isReported: (row: Row) => boolean;
  /** A row is another one than it was. */
  readonly onChanged: (was: Row, is: Row) => void;
}

/** Instances that are watched by their ids, all ids of a tenant together. */
export interface WatchedIds extends WatchedRows {
  /** Watches some ids. The view has those that are found, and have the status. */
  add(ids: ReadonlySet<string>, filter: StatusFilter): RowsView;
  /** Gives the ids of a view back. */
  remove(ids: ReadonlySet<string>): void;
  readonly has: (id: string) => boolean;
}

/** How often an id is looked for that no instance has, in milliseconds. */
const missingMs = 15_000;

export function createWatchedIds(options: WatchedIdsOptions): WatchedIds {
  const { pollMs, now, readIds, isCreatedLately, isReported, onChanged } = options;
  const watched = new Map<string, WatchedId>();
  let version = 0;
  let lastCalls = 1;
  let staleIds = 0;

  function intervalMs({ row, missedScans }: WatchedId): number {
    if (row === null) return Math.max(pollMs, missingMs);
    return intervalOf(pollMs, row !== undefined && missedScans === 0 && isReported(row));
  }
  const dueAt = (known: WatchedId): number =>
    Math.max(known.notBefore, known.at + intervalMs(known));
  function isStaleId(known: WatchedId): boolean {
    const { hasFailed, isRefused: isPaced, at } = known;
    const times = { pollMs, intervalMs: intervalMs(known), calls: lastCalls, isPaced };
    return hasFailed && at <= now() - staleAgeMs(times);
  }

  function note(id: string, row: Row | null, at: number): void {
    const known = watched.get(id);
    if (!known || known.at > at) return;
    const isSame = known.row && row ? isEqualRow(known.row, row) : known.row === row;
    // What is known is no news: what has failed since has failed.
    if (isSame && known.at === at) return;
    markRead(known, at);
    if (isSame) return;
    if (known.row && row) onChanged(known.row, row);
    known.row = row;
    version += 1;
  }

  /** A complete scan that began at `at` lacks the id. */
  function noteMissed(id: string, at: number): void {
    const known = watched.get(id);
    if (!known || known.at > at || isCreatedLately(id)) return;
    const missedScans = known.missedScans + 1;
    if (!known.row || missedScans >= scansForProof) return note(id, null, at);
    markRead(known, at);
    known.missedScans = missedScans;
  }

  function noteWhole(page: Page): void {
    const rows = rowsById(page.rows);
    for (const [id, known] of watched) {
      if (known.at < page.sentAt && !rows.has(id) && !isCreatedLately(id)) {
        note(id, null, page.sentAt);
      }
    }
  }

  function noteSource(source: Page | Single): void {
    if (!('offset' in source)) return note(source.id, source.row, source.sentAt);
    const rows = rowsById(source.rows);
    for (const id of watched.keys()) {
      const row = rows.get(id);
      if (row) note(id, row, source.sentAt);
    }
    if (isWholeAccount(source) && isWholeList(source)) noteWhole(source);
  }

  /** No id is polled again: its subscriptions end. */
  function failAll(failure: unknown): void {
    for (const known of watched.values()) {
      Object.assign(known, { failure, notBefore: Number.POSITIVE_INFINITY });
    }
    version += 1;
  }

  function noteFailure(id: string, failure: unknown): void {
    const known = watched.get(id);
    if (!known) return;
    const isOver = isFinal(failure);
    const isRead = known.row !== undefined;
    markFailed(known, isPaceRefusal(failure));
    known.notBefore = isOver ? Number.POSITIVE_INFINITY : now() + pollMs;
    if (known.isRefused) known.notBefore = isRead ? known.at : now() + firstRetryMs;
    known.refusedSince ??= now();
    if (!isOver && (isRead || waitsForPace(failure, known.refusedSince, now()))) return;
    known.failure = failure;
    version += 1;
  }

  async function poll(signal: AbortSignal): Promise<PollResult> {
    try {
      return await pollDue(signal);
    } catch (failure) {
      failAll(failure);
      return { calls: 0, isRefused: false };
    }
  }

  /** What was never read is read alone, as the pace may not allow more calls. */
  function nextIds(): readonly (readonly [string, WatchedId])[] {
    const isUnread = ({ row, failure }: WatchedId) => row === undefined && failure === undefined;
    const unread = [...watched].filter(([, known]) => isUnread(known));
    return unread.length > 0 ? unread : [...watched];
  }

  /**
   * Of those that are due, the ones that the oldest response has: they are on one page, or one GET
   * reads them. Together with all others, they would have to wait for the first pages, each time.
   */
  function dueIds(): readonly string[] {
    const due = nextIds().filter(([, known]) => dueAt(known) <= now());
    const oldest = due.reduce((min, [, { at }]) => Math.min(min, at), Number.POSITIVE_INFINITY);
    return due.filter(([, { at }]) => at === oldest).map(([id]) => id);
  }

  async function pollDue(signal: AbortSignal): Promise<PollResult> {
    const startedAt = now();
    const due = dueIds();
    const isFirst = due.every((id) => watched.get(id)?.row === undefined);
    const read = await readIds(due, signal, isFirst);
    const { results, isStale, isRefused, proved } = read;
    const at = read.asOf ?? startedAt;
    for (const id of due) {
      const result = results.get(id);
      const known = watched.get(id);
      if (result instanceof Failure) noteFailure(id, result);
      else if (result === null && !proved.has(id)) noteMissed(id, at);
      else if (result !== undefined) note(id, result, at);
      if (!known) continue;
      if (isStale && known.at < startedAt - pollMs) markFailed(known, isRefused);
      // What was read may be as old as a poll already.
      if (known.isRefused) continue;
      known.notBefore = Math.max(known.notBefore, startedAt + (known.hasFailed ? pollMs : 1));
    }
    lastCalls = new Set(watched.values().map(({ at: readAt }) => readAt)).size;
    return read;
  }

  const knownOf = (ids: ReadonlySet<string>): readonly WatchedId[] =>
    [...ids].flatMap((id) => watched.get(id) ?? []);

  const viewOf = (ids: ReadonlySet<string>, filter: StatusFilter): RowsView => ({
    isReady: () => knownOf(ids).every(({ row }) => row !== undefined),
    rows() {
      const rows = knownOf(ids).flatMap(({ row }) => row ?? []);
      const matching = rows.filter((row) => statusMatch(row, filter) === 'in');
      return new Map(matching.map((row) => [row.key, row]));
    },
    asOf: () => Math.min(now(), ...knownOf(ids).map(({ at }) => at)),
    isStale: () => knownOf(ids).some(isStaleId),
    failure: () => knownOf(ids).find(({ failure }) => failure !== undefined)?.failure,
  });

  return {
    add(ids, filter) {
      for (const id of ids) {
        const known = watched.get(id);
        const isRead = known && known.failure === undefined;
        watched.set(id, { ...(isRead ? known : newId()), watchers: (known?.watchers ?? 0) + 1 });
      }
      return viewOf(ids, filter);
    },
    remove(ids) {
      for (const id of ids) {
        const known = watched.get(id);
        if (known && (known.watchers -= 1) === 0) watched.delete(id);
      }
    },
    has: (id) => watched.has(id),
    isReady: () => watched.values().every((id) => id.row !== undefined || id.failure !== undefined),
    note({ source, find, at, isRewritten }) {
      if (!isRewritten) return noteSource(source);
      for (const id of watched.keys()) {
        const row = find(id);
        if (row) note(id, row, at);
      }
    },
    jobs() {
      if (watched.size === 0) return [];
      const next = nextIds().map(([, known]) => known);
      const isRefused = next.some((known) => known.isRefused);
      return [{ name: 'ids', dueAt: earliest(next.map(dueAt)), isRefused, run: poll }];
    },
    version() {
      const stale = watched.values().reduce((sum, id) => sum + (isStaleId(id) ? 1 : 0), 0);
      if (stale !== staleIds) version += 1;
      staleIds = stale;
      return version;
    },
  };
}
