import { z } from 'zod';
import { wholeNumber } from './validators.ts';

/** Subscriptions and what they may cost. */
export interface LiveConfig {
  /** Interval of the polls for what is watched; 0: there are no subscriptions. */
  readonly pollMs: number;
  /** Pages of a list that is watched as a whole: a longer one is refused. */
  readonly maxPages: number;
  /** Open streams of this process. */
  readonly maxStreams: number;
  /** Open streams of one caller, where callers share a key. */
  readonly streamsPerCaller: number;
  /** Age at which a stream is ended, give or take a tenth. */
  readonly lifetimeMs: number;
}

const hourMs = 3_600_000;

const pollMessage = `must be 0, or a whole number from 1000 to ${hourMs}`;

export const liveVariables = z.object({
  LIVE_POLL_MS: wholeNumber(0, hourMs, 3000, pollMessage).refine(
    (ms) => ms === 0 || ms >= 1000,
    pollMessage,
  ),
  LIVE_MAX_PAGES: wholeNumber(1, 1000, 11),
  LIVE_MAX_STREAMS: wholeNumber(1, 1_000_000, 20_000),
  LIVE_STREAMS_PER_CALLER: wholeNumber(1, 1_000_000, 20),
  LIVE_LIFETIME_MS: wholeNumber(60_000, 24 * hourMs, hourMs),
});

export const liveOf = (read: z.infer<typeof liveVariables>): LiveConfig => ({
  pollMs: read.LIVE_POLL_MS,
  maxPages: read.LIVE_MAX_PAGES,
  maxStreams: read.LIVE_MAX_STREAMS,
  streamsPerCaller: read.LIVE_STREAMS_PER_CALLER,
  lifetimeMs: read.LIVE_LIFETIME_MS,
});
