import type { Problem } from './problem.ts';
import type { RateLimit, Snapshot } from './read-rows.ts';
import { useNow } from './use-now.ts';
import { ageOf } from './words.ts';

interface Props {
  readonly snapshot: Snapshot | null;
  readonly problem: Problem | null;
  readonly onSignOut: () => void;
}

/** The number of instances, the age of the data, and the requests that are left. */
export function TopBar({ snapshot, problem, onSignOut }: Props) {
  return (
    <header className="top-bar">
      <img src="/mark.svg" alt="" width="36" height="36" />
      <div className="title">
        <h1>Instances</h1>
        <p>{snapshot ? `${snapshot.total} in this list` : 'Loading…'}</p>
      </div>
      {snapshot && <Age asOf={snapshot.asOf} fresh={!snapshot.stale && !problem} />}
      {snapshot?.rateLimit && <Budget {...snapshot.rateLimit} />}
      <button type="button" className="quiet" onClick={onSignOut}>
        Sign out
      </button>
    </header>
  );
}

function Age({ asOf, fresh }: { readonly asOf: number; readonly fresh: boolean }) {
  const now = useNow();
  return (
    <p className="age" data-fresh={fresh}>
      <strong>{fresh ? 'Live' : 'Not live'}</strong> <span>{ageOf(asOf, now)}</span>
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
