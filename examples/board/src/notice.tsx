import type { Problem } from './problem.ts';
import type { Snapshot } from './read-rows.ts';
import { useNow } from './use-now.ts';
import { whenOf } from './words.ts';

interface Props {
  readonly snapshot: Snapshot | null;
  readonly problem: Problem | null;
}

/** Says so when the rows are not fresh, why, and when they will be. Always there, so that a screen reader hears it fill. */
export function Notice({ snapshot, problem }: Props) {
  const told = textOf(snapshot, problem);
  return (
    <div className="notice" role="status" data-kind={told?.kind}>
      {told && (
        <p>
          <strong>{told.what}</strong> {snapshot && 'The last known instances stay on screen.'}{' '}
          {told.freshAt !== null && <FreshAt at={told.freshAt} />}
        </p>
      )}
    </div>
  );
}

interface Told {
  readonly kind: 'rate-limited' | 'unavailable';
  readonly what: string;
  readonly freshAt: number | null;
}

function textOf(snapshot: Snapshot | null, problem: Problem | null): Told | null {
  const spent = { kind: 'rate-limited', what: 'This minute’s calls are used up.' } as const;
  if (problem?.kind === 'rate-limited') return { ...spent, freshAt: problem.retryAt };
  if (problem?.kind === 'unavailable') {
    const what = 'EnviaAI cannot be reached.';
    return { kind: 'unavailable', what, freshAt: problem.retryAt };
  }
  if (!snapshot?.stale) return null;
  const { rateLimit } = snapshot;
  if (rateLimit?.remaining === 0) return { ...spent, freshAt: Date.parse(rateLimit.resetAt) };
  return { kind: 'unavailable', what: 'EnviaAI gives nothing newer right now.', freshAt: null };
}

/** Counts down in sight only: read out each second, it would be all that is heard. */
function FreshAt({ at }: { readonly at: number }) {
  const now = useNow();
  return (
    <>
      Fresh data comes <time aria-live="off">{whenOf(at, now)}</time>.
    </>
  );
}
