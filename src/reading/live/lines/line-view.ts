import type { Clock } from '#src/domain/clock.ts';
import type { InstanceStatus } from '#src/domain/instance.ts';
import type { LineState } from '#src/domain/line-state.ts';
import type { QrEvent, QrOutcome } from '#src/domain/qr-event.ts';

/** What is known of a line that is being linked, and what its subscribers are shown. */
export interface LineView {
  /** A row of a list, or of a GET by id, shows this status. */
  sawRow(status: InstanceStatus, sentAt: number): void;
  /** The QR endpoint, or our call that began the attempt, returned this state, asked for at `at`. */
  sawState(state: LineState, at: number): void;
  /** There is no such line. */
  sawNone(): void;
  /** The attempt has ended, by a scan or because it was cancelled: its code is not shown again. */
  cancelled(): void;
  /** Whether EnviaAI may be asked for the code: by its documentation, that may begin an attempt. */
  isLinking(): boolean;
  /** When the last code expires or has expired, by the monotonic clock; null: there is none. */
  codeExpiry(): number | null;
  /** By when the attempt is over without a valid code; null: no attempt is known. */
  overAt(): number | null;
  /** The event for the subscribers; null: too little is known. The same object while it is equal. */
  event(): QrEvent | null;
}

export interface LineViewOptions {
  readonly clock: Pick<Clock, 'now' | 'wall'>;
  /** When our own call began an attempt; undefined: it did not, or the attempt has ended. */
  readonly startedAt: () => number | undefined;
}

/** EnviaAI's codes end after 160 s; later than this, an attempt without a code is over. */
export const attemptMs = 180_000;

/** A code whose expiry is not known is asked for again after this time, as documented codes are. */
const assumedCodeMs = 20_000;

const isPending = (status: InstanceStatus | undefined): boolean =>
  status === 'connecting' || status === 'qr_pending';

export function createLineView({ clock, startedAt }: LineViewOptions): LineView {
  let row: { readonly status: InstanceStatus; readonly sentAt: number } | undefined;
  let seen: { readonly state: LineState; readonly at: number } | undefined;
  let pendingSince: number | undefined;
  let cancelledAt: number | undefined;
  let hasShownCode = false;
  let outcome: QrOutcome | null = null;
  let last: QrEvent | null = null;

  const isOurs = (): boolean => clock.now() - (startedAt() ?? Number.NEGATIVE_INFINITY) < attemptMs;

  /** The latest of the two; the QR endpoint knows the kind of waiting better than the list. */
  function status(): InstanceStatus | undefined {
    if (!row || !seen) return row?.status ?? seen?.state.status;
    if (isPending(row.status) && isPending(seen.state.status)) return seen.state.status;
    // While our attempt runs, only the QR endpoint is believed that it was scanned: see `settle`.
    if (row.status === 'connected' && isOurs()) return seen.state.status;
    return row.sentAt > seen.at ? row.status : seen.state.status;
  }

  const isLinking = (): boolean =>
    outcome === null && cancelledAt === undefined && (isPending(status()) || isOurs());

  /** Null: EnviaAI shows no image. */
  function expiry(): number | null {
    if (!seen || seen.state.image === null) return null;
    const { expiresAt } = seen.state;
    return typeof expiresAt === 'string'
      ? Date.parse(expiresAt) - clock.wall().aheadMs
      : seen.at + assumedCodeMs;
  }
  const hasCode = (): boolean => (expiry() ?? Number.NEGATIVE_INFINITY) > clock.now();

  const overAt = (): number | null =>
    pendingSince === undefined ? null : pendingSince + attemptMs;

  /** Concludes the outcome from what is known. */
  function settle(): void {
    // After a cancellation or a scan that others report, a row tells which of the two it was.
    const isUndecided = cancelledAt !== undefined && (row?.sentAt ?? -Infinity) < cancelledAt;
    if (outcome !== null || isUndecided) return;
    if (isLinking()) {
      const own = isOurs() ? startedAt() : undefined;
      pendingSince = Math.max(pendingSince ?? own ?? clock.now(), own ?? Number.NEGATIVE_INFINITY);
    }
    const isOver = clock.now() >= (overAt() ?? Number.POSITIVE_INFINITY);
    if (status() === 'connected' && isConfirmed()) outcome = 'linked';
    else if (!hasCode() && ((hasShownCode && hasEnded()) || isOver)) outcome = 'expired';
    else if (!isLinking()) pendingSince = undefined;
  }
  /** While our attempt runs, only the QR endpoint is believed: the list may lag. */
  const isConfirmed = (): boolean => !isOurs() || seen?.state.status === 'connected';
  /** EnviaAI shows no code any more, or the line is not being linked. */
  const hasEnded = (): boolean => seen?.state.image === null || !isLinking();

  return {
    sawRow(newStatus, sentAt) {
      if (outcome !== null || (row && row.sentAt > sentAt)) return;
      row = { status: newStatus, sentAt };
      settle();
    },
    sawState(state, at) {
      if (outcome !== null || (seen && seen.at > at) || at < (cancelledAt ?? -Infinity)) return;
      seen = { state, at };
      cancelledAt = undefined;
      if (hasCode()) hasShownCode = true;
      settle();
    },
    sawNone() {
      outcome ??= 'gone';
    },
    cancelled() {
      cancelledAt = clock.now();
      if (seen) seen = { ...seen, state: { ...seen.state, image: null, expiresAt: null } };
    },
    isLinking,
    codeExpiry: expiry,
    overAt,
    event() {
      settle();
      const current = outcome === 'gone' ? 'unknown' : status();
      if (current === undefined) return null;
      const shown = isLinking() && hasCode() ? seen?.state : undefined;
      const event: QrEvent = {
        status: outcome === 'linked' ? 'connected' : current,
        image: shown?.image ?? null,
        expiresAt: shown?.expiresAt ?? null,
        outcome,
      };
      if (last === null || !isEqual(last, event)) last = event;
      return last;
    },
  };
}

const isEqual = (a: QrEvent, b: QrEvent): boolean =>
  a.status === b.status &&
  a.image === b.image &&
  a.expiresAt === b.expiresAt &&
  a.outcome === b.outcome;
