import { callGapMs, callsPerMinute } from '#src/reading/live/live-pace.ts';
import type { WatchedLine } from './watched-line.ts';

/**
 * When the poller of a tenant asks for what, of which `linking` lines are being linked: more than
 * one also if a list that is polled shows the line. By the monotonic clock; Infinity: not at all.
 */
export interface PollTimes {
  readonly codeAt: (line: WatchedLine, linking: number) => number;
  readonly rowAt: (line: WatchedLine, linking: number) => number;
}

const minuteMs = 60_000;

/** Codes of one attempt in a minute. */
const codesPerMinute = 3;

/** EnviaAI's clock and ours differ: a code is asked for this much after its predecessor expired. */
const expiryMarginMs = 200;

/** How often the row of a line is read that is not being linked. */
const waitingMs = 15_000;

/** Calls for rows that remain in a minute at least, however many lines' codes are polled. */
const minRowReads = 4;

/** More lines that are being linked are polled as this number of them is. */
export const maxDistinctLinking = Math.ceil((callsPerMinute - minRowReads) / codesPerMinute);

/**
 * One line is polled at the QR endpoint, which shows the scan too. Of several, the rows are read
 * together, unless a list brings them, and the QR endpoint is asked when a code expires. Lines that are not being linked are
 * looked for in their rows only: asking for a code could begin an attempt.
 */
export function createPollTimes(pollMs: number): PollTimes {
  const intervalMs = Math.max(pollMs, callGapMs);

  function codeDueAt(line: WatchedLine, linking: number): number {
    const { view, askedCodeAt, isCodeWanted } = line;
    if (line.isClosed() || !view.isLinking()) return Number.POSITIVE_INFINITY;
    if (isCodeWanted) return Number.NEGATIVE_INFINITY;
    const renewedAt = (view.codeExpiry() ?? Number.POSITIVE_INFINITY) + expiryMarginMs;
    const isRenewalDue = askedCodeAt < renewedAt && renewedAt !== Number.POSITIVE_INFINITY;
    if (linking > 1 && isRenewalDue) return renewedAt;
    return Math.min(askedCodeAt + intervalMs, isRenewalDue ? renewedAt : Number.POSITIVE_INFINITY);
  }

  return {
    codeAt: (line, linking) => Math.max(codeDueAt(line, linking), line.askCodeFrom),
    rowAt({ view, askedRowAt, isClosed }, linking) {
      if (isClosed()) return Number.POSITIVE_INFINITY;
      if (!view.isLinking()) return askedRowAt + Math.max(pollMs, waitingMs);
      if (linking < 2) return Number.POSITIVE_INFINITY;
      const rowReads = Math.max(minRowReads, callsPerMinute - codesPerMinute * linking);
      return askedRowAt + Math.max(pollMs, Math.ceil(minuteMs / rowReads));
    },
  };
}
