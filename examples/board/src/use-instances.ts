import { useCallback, useEffect, useMemo, useState } from 'react';
import { useClient } from 'urql';
import type { InstanceStatusFilter } from './graphql/graphql.ts';
import { Problem } from './problem.ts';
import { type RateLimit, readRows, type Snapshot } from './read-rows.ts';
import { useBudget } from './use-budget.ts';
import { useWatched } from './use-watched.ts';
import type { Watched, WatchedRows } from './watch-rows.ts';

export interface Instances {
  /** The last answer for this filter; null until the first one. */
  readonly snapshot: Snapshot | null;
  /** Why the last read failed; null: it succeeded. The previous snapshot stays. */
  readonly problem: Problem | null;
}

interface Current extends Instances {
  readonly stream: Watched['stream'];
  /** Reads at once, such as after a change. */
  readonly refresh: () => void;
}

interface Polled extends Instances {
  /** Reads again at once, such as after a change. */
  readonly refresh: () => void;
}

interface Read extends Instances {
  readonly status: InstanceStatusFilter | null;
}

const minPauseMs = 3000;

/** The first `count` instances of a status: from the server's stream, or polled without one. */
export function useInstances(status: InstanceStatusFilter | null, count: number): Current {
  const watched = useWatched(status);
  const rateLimit = useBudget(watched);
  const { stream } = watched;
  const { refresh, ...polled } = usePolled(status, count, stream !== 'live');
  const { list } = watched.stream === 'live' ? watched : { list: null };
  const snapshot = useMemo(
    () => list && snapshotOf(list, { count, rateLimit }),
    [list, count, rateLimit],
  );
  return { ...(snapshot ? { snapshot, problem: null } : polled), stream, refresh };
}

function snapshotOf(
  { rows, ...facts }: WatchedRows,
  { count, rateLimit }: { readonly count: number; readonly rateLimit: RateLimit | null },
): Snapshot {
  const hasMore = rows.length > count;
  return { rows: rows.slice(0, count), hasMore, rateLimit, calls: 0, ...facts };
}

/** Reads once, and again and again if `isRepeated`, while the page is visible. */
function usePolled(
  status: InstanceStatusFilter | null,
  count: number,
  isRepeated: boolean,
): Polled {
  const client = useClient();
  const [read, setRead] = useState<Read>({ status, snapshot: null, problem: null });
  const [round, setRound] = useState(0);
  const refresh = useCallback(() => setRound((before) => before + 1), []);

  useEffect(() => {
    let ended = false;
    let isReading = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let nextAt = 0;

    const poll = async () => {
      isReading = true;
      try {
        const snapshot = await readRows(client, { status, count });
        if (ended) return;
        setRead({ status, snapshot, problem: null });
        nextAt = Date.now() + pauseAfter(snapshot);
      } catch (error) {
        if (ended) return;
        const problem =
          error instanceof Problem ? error : new Problem('unavailable', Date.now() + minPauseMs);
        // The rows stay on screen, unless they belong to another filter.
        setRead((before) => ({
          status,
          snapshot: before.status === status ? before.snapshot : null,
          problem,
        }));
        nextAt = problem.retryAt;
      }
      isReading = false;
      if (isRepeated) schedule();
    };
    // One read at a time, and none while the tab is hidden.
    const schedule = () => {
      clearTimeout(timer);
      if (document.hidden || isReading) return;
      timer = setTimeout(() => void poll(), Math.max(0, nextAt - Date.now()));
    };

    schedule();
    document.addEventListener('visibilitychange', schedule);
    return () => {
      ended = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', schedule);
    };
  }, [client, status, count, round, isRepeated]);

  return { ...(read.status === status ? read : { snapshot: null, problem: null }), refresh };
}

/** The interval at which one screen, with a list of any length, uses half of a minute's calls at most. */
function pauseAfter({ calls, rateLimit }: Snapshot): number {
  const perMinute = (rateLimit?.limit ?? 50) / 2;
  return Math.max(minPauseMs, (calls / perMinute) * 60_000);
}
