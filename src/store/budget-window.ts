import type { BudgetState as Window, BudgetUpdate, TakeRequest } from './budget-store.ts';

/** The published window [D]; what begins when one ends of which nothing more was heard. */
const windowMs = 60_000;

/** Two answers tell one reset to the second, by clocks that may be a second apart. */
const sameResetMs = 2000;

/** The window that a request is sent in: a new one where the last has ended. */
export const windowForRequest = (
  window: Window | undefined,
  { now, assumedLimit }: Opening,
): Window => windowAt(window, { now, assumedLimit, endsAtMs: now + windowMs });

/** The window that an answer finds. Where the last has ended, answers begin none: the next request does. */
export const windowForUpdate = (
  window: Window | undefined,
  { now, assumedLimit }: Opening,
): Window => windowAt(window, { now, assumedLimit, endsAtMs: now });

type Opening = Omit<TakeRequest, 'keepBack'>;

function windowAt(
  window: Window | undefined,
  { now, assumedLimit, endsAtMs }: Opening & { readonly endsAtMs: number },
): Window {
  if (window && window.resetAtMs > now) return window;
  const limit = window?.limit ?? assumedLimit;
  const pausedUntilMs = window?.pausedUntilMs ?? 0;
  return { limit, remaining: limit, resetAtMs: endsAtMs, pausedUntilMs, assumed: true };
}

export function afterTake(window: Window, { now, keepBack }: TakeRequest): Window | undefined {
  const reserve = Math.floor(window.limit * keepBack);
  if (window.pausedUntilMs > now || window.remaining <= reserve) return undefined;
  return { ...window, remaining: window.remaining - 1 };
}

/** The window after an answer: what it told counts where it is not about an older window. */
export function afterUpdate(window: Window, lesson: BudgetUpdate): Window {
  const pausedUntilMs = Math.max(window.pausedUntilMs, lesson.pausedUntilMs ?? 0);
  const paused = { ...window, pausedUntilMs };
  const resetAtMs = lesson.resetAtMs ?? window.resetAtMs;
  if (resetAtMs <= lesson.now) return paused;
  const distance = resetAtMs - window.resetAtMs;
  if (!window.assumed && distance < -sameResetMs) return paused;

  const limit = lesson.limit ?? window.limit;
  if (!window.assumed && distance > sameResetMs) {
    return {
      limit,
      remaining: lesson.remaining ?? limit,
      resetAtMs,
      pausedUntilMs,
      assumed: false,
    };
  }
  // What was sent since, and is not in the vendor's count yet, is in ours.
  const ours = Math.max(0, window.remaining + limit - window.limit);
  return {
    limit,
    remaining: Math.min(ours, lesson.remaining ?? ours),
    resetAtMs,
    pausedUntilMs,
    assumed: window.assumed && lesson.resetAtMs === undefined,
  };
}
