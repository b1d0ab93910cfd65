import type { BudgetState, BudgetUpdate, TakeRequest } from './budget-store.ts';

/** EnviaAI's window [D], assumed until a response reports another reset. */
const windowMs = 60_000;

/** Two reported resets this close are one: each is in whole seconds, by clocks that may differ. */
export const sameResetMs = 2000;

type NewWindow = Pick<TakeRequest, 'now' | 'assumedLimit'>;

/** The window that a request is counted in: a new one if the last has ended. */
export const windowForRequest = (
  window: BudgetState | undefined,
  { now, assumedLimit }: NewWindow,
): BudgetState => windowAt(window, { now, assumedLimit, endsAtMs: now + windowMs });

/** The window that a response updates. A response never begins a window; the next request does. */
export const windowForUpdate = (
  window: BudgetState | undefined,
  { now, assumedLimit }: NewWindow,
): BudgetState => windowAt(window, { now, assumedLimit, endsAtMs: now });

function windowAt(
  window: BudgetState | undefined,
  { now, assumedLimit, endsAtMs }: NewWindow & { readonly endsAtMs: number },
): BudgetState {
  if (window && window.resetAtMs > now) return window;
  const limit = window?.limit ?? assumedLimit;
  const pausedUntilMs = window?.pausedUntilMs ?? 0;
  return { limit, remaining: limit, resetAtMs: endsAtMs, pausedUntilMs, isAssumed: true };
}

/** The window after one more request. Undefined: the request must not be sent. */
export function afterTake(
  window: BudgetState,
  { now, reserve }: TakeRequest,
): BudgetState | undefined {
  const reserved = Math.floor(window.limit * reserve);
  if (window.pausedUntilMs > now || window.remaining <= reserved) return undefined;
  return { ...window, remaining: window.remaining - 1 };
}

/** The window after a response. Reports about an earlier window change nothing but the pause. */
export function afterUpdate(window: BudgetState, update: BudgetUpdate): BudgetState {
  const pausedUntilMs = Math.max(window.pausedUntilMs, update.pausedUntilMs ?? 0);
  const paused = { ...window, pausedUntilMs };
  const resetAtMs = update.resetAtMs ?? window.resetAtMs;
  if (resetAtMs <= update.now) return paused;
  const distance = resetAtMs - window.resetAtMs;
  if (!window.isAssumed && distance < -sameResetMs) return paused;

  const limit = update.limit ?? window.limit;
  if (!window.isAssumed && distance > sameResetMs) {
    const remaining = update.remaining ?? limit;
    return { limit, remaining, resetAtMs, pausedUntilMs, isAssumed: false };
  }
  // Includes requests in flight, which EnviaAI has not counted yet.
  const counted = Math.max(0, window.remaining + limit - window.limit);
  return {
    limit,
    remaining: Math.min(counted, update.remaining ?? counted),
    resetAtMs,
    pausedUntilMs,
    isAssumed: window.isAssumed && update.resetAtMs === undefined,
  };
}
