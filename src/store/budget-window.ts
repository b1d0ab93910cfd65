import type { BudgetRestore, BudgetUpdate, TakeRequest } from './budget-store.ts';

/** EnviaAI's window [D], assumed until a response reports another reset. */
const windowMs = 60_000;

/** Two reported resets this close are one: each is in whole seconds, by clocks that may differ. */
export const sameResetMs = 2000;

/** How long EnviaAI may take to count the request of a lost call. */
const lostMs = 2000;

/** A window with its calls in flight, as a store holds it. */
export interface BudgetWindow {
  readonly limit: number;
  /** Less than 0 if more calls are in flight than the window has left. */
  readonly remaining: number;
  /** The lowest count that a response reported in this window; null: none was reported. */
  readonly reported: number | null;
  /** Calls that ended in this window without a report. EnviaAI may have counted them. */
  readonly lost: number;
  readonly resetAtMs: number;
  /** The first reset that was reported: a reset more than 2 s later belongs to a later window. */
  readonly firstResetAtMs: number;
  /** The reset of the window before; null: it was assumed. */
  readonly previousResetAtMs: number | null;
  readonly pausedUntilMs: number;
  readonly isAssumed: boolean;
  /** One call has to report what is left before others are sent. */
  readonly needsProbe: boolean;
  /** The ticket of that call; null: it was not sent yet. */
  readonly probe: string | null;
  /** The calls in flight, by ticket: the time after which each counts as lost. */
  readonly calls: ReadonlyMap<string, number>;
}

interface NewWindow extends Pick<TakeRequest, 'now' | 'assumedLimit'> {
  /** Whether a budget that is not stored may have been used already. */
  readonly needsProbe: boolean;
}

/** The window that a request is counted in: a new one if the last has ended. */
export const windowForRequest = (
  window: BudgetWindow | undefined,
  { now, assumedLimit, needsProbe }: NewWindow,
): BudgetWindow => windowAt(window, { now, assumedLimit, needsProbe, endsAtMs: now + windowMs });

/** The window that a response updates. A response never begins a window; the next request does. */
export const windowForUpdate = (
  window: BudgetWindow | undefined,
  { now, assumedLimit, needsProbe }: NewWindow,
): BudgetWindow => windowAt(window, { now, assumedLimit, needsProbe, endsAtMs: now });

function windowAt(
  window: BudgetWindow | undefined,
  { now, assumedLimit, needsProbe, endsAtMs }: NewWindow & { readonly endsAtMs: number },
): BudgetWindow {
  if (window && window.resetAtMs > now) return withoutLost(window, now);
  const limit = window?.limit ?? assumedLimit;
  // EnviaAI may count a call in flight in either window.
  const calls = new Map(
    window && [...window.calls].filter(([, until]) => until > window.resetAtMs),
  );
  const next: BudgetWindow = {
    limit,
    remaining: limit - calls.size,
    reported: null,
    lost: 0,
    resetAtMs: endsAtMs,
    firstResetAtMs: endsAtMs,
    previousResetAtMs: window ? previousOf(window) : null,
    pausedUntilMs: window?.pausedUntilMs ?? 0,
    isAssumed: true,
    needsProbe: window?.needsProbe ?? needsProbe,
    probe: window && window.probe !== null && calls.has(window.probe) ? window.probe : null,
    calls,
  };
  return withoutLost(next, now);
}

const previousOf = ({ isAssumed, resetAtMs, previousResetAtMs }: BudgetWindow): number | null =>
  isAssumed ? previousResetAtMs : resetAtMs;

/** Removes the calls that count as lost. */
function withoutLost(window: BudgetWindow, now: number): BudgetWindow {
  const lost = [...window.calls].filter(([, until]) => until <= now);
  return lost.reduce((rest, [ticket]) => withoutCall(rest, ticket, 1), window);
}

/** `lost` is 1 if the call ended without a report. */
function withoutCall(window: BudgetWindow, ticket: string, lost: 0 | 1): BudgetWindow {
  const calls = new Map(window.calls);
  calls.delete(ticket);
  return {
    ...window,
    calls,
    lost: window.lost + lost,
    probe: window.probe === ticket ? null : window.probe,
  };
}

/**
 * The window after one more request. `spent`: the request must not be sent. `pending`: a call in
 * flight has to report first.
 */
export function afterTake(
  window: BudgetWindow,
  { now, reserve, ticket, ticketMs }: TakeRequest,
): BudgetWindow | 'spent' | 'pending' {
  const reserved = Math.floor(window.limit * reserve);
  if (window.pausedUntilMs > now || window.remaining <= reserved) return 'spent';
  if (window.needsProbe && window.probe !== null) return 'pending';
  return {
    ...window,
    remaining: window.remaining - 1,
    probe: window.needsProbe ? ticket : null,
    calls: new Map(window.calls).set(ticket, now + ticketMs),
  };
}

/** The window after the end of a call, or after a report without one. */
export function afterUpdate(before: BudgetWindow, update: BudgetUpdate): BudgetWindow {
  const { now, ticket, end = 'answered' } = update;
  const pausedUntilMs = Math.max(before.pausedUntilMs, update.pausedUntilMs ?? 0);
  const isRefused = update.pausedUntilMs !== undefined;
  const isProbe = ticket !== undefined && ticket === before.probe;
  const needsProbe = isRefused || (before.needsProbe && !(isProbe && end === 'answered'));
  const isInFlight = ticket !== undefined && before.calls.has(ticket);
  const window = { ...before, pausedUntilMs, needsProbe };

  if (end === 'lost' && isInFlight) {
    const calls = new Map(window.calls).set(ticket, now + lostMs);
    return { ...window, calls, probe: isProbe ? null : window.probe };
  }
  if (end === 'lost' || !isInFlight) return afterReport(window, update, false);
  if (end === 'unsent') {
    return raised(withoutCall({ ...window, remaining: window.remaining + 1 }, ticket, 0));
  }
  return afterReport(window, update, true);
}

function afterReport(
  before: BudgetWindow,
  update: BudgetUpdate,
  isInFlight: boolean,
): BudgetWindow {
  const { ticket = '' } = update;
  const settled = (lost: 0 | 1) => (isInFlight ? withoutCall(before, ticket, lost) : before);
  const resetAtMs = update.resetAtMs ?? before.firstResetAtMs;
  const distance = resetAtMs - before.firstResetAtMs;

  const isEarlier = !before.isAssumed && distance < -sameResetMs;
  if (isInFlight && (before.isAssumed || isEarlier) && isPrevious(before, update.resetAtMs)) {
    const window = settled(0);
    // It was counted before this window, which had reserved a request for it.
    return raised({ ...window, remaining: window.remaining + 1 });
  }
  if (isEarlier || resetAtMs <= update.now) return raised(settled(1));

  const limit = update.limit ?? before.limit;
  if (!before.isAssumed && distance > sameResetMs) {
    const window = settled(0);
    const reported = update.remaining ?? limit;
    return {
      ...window,
      limit,
      reported: update.isShare ? null : reported,
      lost: 0,
      remaining: update.isShare ? reported : reported - window.calls.size,
      resetAtMs,
      firstResetAtMs: resetAtMs,
      previousResetAtMs: previousOf(before),
    };
  }

  const isReset = before.isAssumed && update.resetAtMs !== undefined;
  const window: BudgetWindow = {
    ...settled(update.remaining === undefined ? 1 : 0),
    limit,
    remaining: before.remaining + limit - before.limit,
    resetAtMs: isReset ? resetAtMs : Math.max(before.resetAtMs, resetAtMs),
    firstResetAtMs: isReset ? resetAtMs : before.firstResetAtMs,
    isAssumed: before.isAssumed && !isReset,
  };
  if (update.remaining === undefined) return raised(window);
  if (update.isShare) {
    return { ...window, remaining: Math.min(window.remaining, update.remaining) };
  }
  const reported = Math.min(window.reported ?? update.remaining, update.remaining);
  // Less than what was counted here: something else uses the key.
  const remaining = update.remaining < window.remaining ? -Infinity : window.remaining;
  return raised({ ...window, reported, remaining });
}

const isPrevious = ({ previousResetAtMs }: BudgetWindow, resetAtMs: number | undefined): boolean =>
  resetAtMs !== undefined &&
  previousResetAtMs !== null &&
  Math.abs(resetAtMs - previousResetAtMs) <= sameResetMs;

/**
 * With at least what is left if EnviaAI counts all calls in flight, and counted all lost ones,
 * after its lowest report.
 */
function raised(window: BudgetWindow): BudgetWindow {
  const { reported, calls, lost, remaining } = window;
  if (reported === null) return window;
  return { ...window, remaining: Math.max(remaining, reported - lost - calls.size) };
}

/**
 * The window together with what one process knows of it. What it knows to remain is without its
 * calls in flight.
 */
export function afterRestore(before: BudgetWindow, known: BudgetRestore): BudgetWindow {
  const { now, limit, remaining, resetAtMs, tickets, ticketMs } = known;
  const calls = new Map(before.calls);
  for (const ticket of tickets) calls.set(ticket, calls.get(ticket) ?? now + ticketMs);
  const window: BudgetWindow = {
    ...before,
    calls,
    pausedUntilMs: Math.max(before.pausedUntilMs, known.pausedUntilMs),
    needsProbe: true,
  };
  const distance = resetAtMs - before.firstResetAtMs;
  if (resetAtMs <= now || (!before.isAssumed && distance < -sameResetMs)) {
    return { ...window, remaining: before.remaining - (calls.size - before.calls.size) };
  }
  if (before.isAssumed || distance > sameResetMs) {
    return {
      ...window,
      limit,
      remaining: remaining - (calls.size - tickets.length),
      reported: null,
      lost: 0,
      resetAtMs,
      firstResetAtMs: resetAtMs,
      previousResetAtMs: null,
      isAssumed: false,
    };
  }
  return { ...window, remaining: Math.min(before.remaining, remaining) };
}
