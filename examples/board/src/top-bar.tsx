import type { Problem } from './problem.ts';
import type { RateLimit, Snapshot } from './read-rows.ts';
import { useNow } from './use-now.ts';
import type { Watched } from './watch-rows.ts';
import { ageOf } from './words.ts';

interface Props {
  readonly snapshot: Snapshot | null;
  readonly problem: Problem | null;
  readonly stream: Watched['stream'];
  readonly onSignOut: () => void;
}

/** The number of instances, the age of the data, and the requests that are left. */
export function TopBar({ snapshot, problem, stream, onSignOut }: Props) {
  return (
    <header className="top-bar">
      <img src="/mark.svg" alt="" width="36" height="36" />
      <div className="title">
        <h1>Instances</h1>
        <p>{snapshot ? `${snapshot.total} in this list` : 'Loading…'}</p>
      </div>
      {snapshot && <Age asOf={snapshot.asOf} fresh={!snapshot.stale && !problem} stream={stream} />}
      {snapshot?.rateLimit && <Budget {...snapshot.rateLimit} />}
      <button type="button" className="quiet" onClick={onSignOut}>
        Sign out
      </button>
    </header>
  );
}

interface AgeProps {
  readonly asOf: number;
  readonly fresh: boolean;
  readonly stream: Watched['stream'];
}

const words = { live: 'Live', lost: 'Reconnecting', none: 'Polling' } as const;

function Age({ asOf, fresh, stream }: AgeProps) {
  const now = useNow();
  const isLive = fresh && stream === 'live';
  return (
    <p className="age" data-fresh={isLive}>
      <strong>{fresh ? words[stream] : 'Not live'}</strong>
      {/* A list that does not change has no events for 30 s, and is current all the same. */}
      {!isLive && <span>{ageOf(asOf, now)}</span>}
    </p>
  );
}

function Budget({ limit, remaining }: RateLimit) {
  return (
    <div className="budget">
      <label htmlFor="budget">
        {remaining} of {limit} calls left
      </label>
      <meter
        id="budget"
        min={0}
        max={limit}
        low={limit * 0.2}
        high={limit * 0.5}
        optimum={limit}
        value={remaining}
      />
    </div>
  );
}
