import type { Problem } from './problem.ts';
import type { Snapshot } from './read-rows.ts';
import { useNow } from './use-now.ts';
import { whenOf } from './words.ts';

interface Props {
  readonly snapshot: Snapshot | null;
  readonly problem: Problem | null;
}

/**
 * Explains why the rows are not fresh, and when they will be. The element is always in the page,
 * because screen readers announce only changes of an existing status element.
 */
export function Notice({ snapshot, problem }: Props) {
  const message = messageOf(snapshot, problem);
  return (
    <div className="notice" role="status" data-kind={message?.kind}>
      {message && (
        <p>
          <strong>{message.reason}</strong> {snapshot && 'The last known instances stay on screen.'}{' '}
          {message.freshAt !== null && <FreshAt at={message.freshAt} />}
        </p>
      )}
    </div>
  );
}

interface Message {
  readonly kind: 'rate-limited' | 'unavailable';
  readonly reason: string;
  /** Milliseconds since the epoch; null: unknown. */
  readonly freshAt: number | null;
}

function messageOf(snapshot: Snapshot | null, problem: Problem | null): Message | null {
  const spent = { kind: 'rate-limited', reason: 'This minute’s calls are used up.' } as const;
  if (problem?.kind === 'rate-limited') return { ...spent, freshAt: problem.retryAt };
  if (problem?.kind === 'unavailable') {
    const reason = 'EnviaAI cannot be reached.';
    return { kind: 'unavailable', reason, freshAt: problem.retryAt };
  }
  if (!snapshot?.stale) return null;
  const { rateLimit } = snapshot;
  if (rateLimit?.remaining === 0) return { ...spent, freshAt: Date.parse(rateLimit.resetAt) };
  return { kind: 'unavailable', reason: 'EnviaAI returns no newer data right now.', freshAt: null };
}

/** A countdown that screen readers do not announce, as they would read it out every second. */
function FreshAt({ at }: { readonly at: number }) {
  const now = useNow();
  return (
    <>
      Fresh data comes <time aria-live="off">{whenOf(at, now)}</time>.
    </>
  );
}
