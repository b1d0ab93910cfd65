import type { Failure } from './failure.ts';
import { useNow } from './use-now.ts';
import { whenOf } from './words.ts';

/** Always in its dialog, because screen readers announce only changes of an existing element. */
export function FailureNote({ failure }: { readonly failure: Failure | null }) {
  return (
    <p className="failure" role="alert">
      {failure?.message}
      {failure && failure.retryAt !== null && <TryAgain at={failure.retryAt} />}
    </p>
  );
}

/** A countdown that screen readers do not announce, as they would read it out every second. */
function TryAgain({ at }: { readonly at: number }) {
  const now = useNow();
  return (
    <>
      {' '}
      Try again <time aria-live="off">{whenOf(at, now)}</time>.
    </>
  );
}

/** Whether a change that failed may be tried now. */
export function useMayTry(failure: Failure | null): boolean {
  const now = useNow();
  return failure === null || (failure.canRetry && now >= (failure.retryAt ?? 0));
}
