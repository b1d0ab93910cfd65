import { useEffect, useState } from 'react';
import { useClient } from 'urql';
import type { InstanceStatus } from './graphql/graphql.ts';
import { Problem } from './problem.ts';
import { readRows, type Snapshot } from './read-rows.ts';

export interface Instances {
  /** The last answer to this filter; null until there is one. */
  readonly snapshot: Snapshot | null;
  /** Why the last attempt gave none. The snapshot before it is still there. */
  readonly problem: Problem | null;
}

interface Read extends Instances {
  readonly status: InstanceStatus | null;
}

const shortestPauseMs = 3000;

/** The first `count` instances of a status, read again and again for as long as somebody looks. */
export function useInstances(status: InstanceStatus | null, count: number): Instances {
  const client = useClient();
  const [read, setRead] = useState<Read>({ status, snapshot: null, problem: null });

  useEffect(() => {
    let ended = false;
    let asking = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let nextAt = 0;

    const poll = async () => {
      asking = true;
      try {
        const snapshot = await readRows(client, { status, count });
        if (ended) return;
        setRead({ status, snapshot, problem: null });
        nextAt = Date.now() + pauseAfter(snapshot);
      } catch (error) {
        if (ended) return;
        const problem =
          error instanceof Problem
            ? error
            : new Problem('unavailable', Date.now() + shortestPauseMs);
        // The rows stay, unless they are those of another filter.
        setRead((before) => ({
          status,
          snapshot: before.status === status ? before.snapshot : null,
          problem,
        }));
        nextAt = problem.retryAt;
      }
      asking = false;
      schedule();
    };
    // One attempt at a time, and none while nobody looks.
    const schedule = () => {
      clearTimeout(timer);
      if (document.hidden || asking) return;
      timer = setTimeout(() => void poll(), Math.max(0, nextAt - Date.now()));
    };

    schedule();
    document.addEventListener('visibilitychange', schedule);
    return () => {
      ended = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', schedule);
    };
  }, [client, status, count]);

  return read.status === status ? read : { snapshot: null, problem: null };
}

/** Long enough that this screen alone takes no more than half of the minute's calls, however long its list. */
function pauseAfter({ calls, rateLimit }: Snapshot): number {
  const perMinute = (rateLimit?.limit ?? 50) / 2;
  return Math.max(shortestPauseMs, (calls / perMinute) * 60_000);
}
