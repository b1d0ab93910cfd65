import { type Headers, headerOf } from './headers.ts';
import { countOf, intOf } from './json-fields.ts';

/** The budget of a key, as a response reports it. Null: missing, or not readable. */
export interface RateLimitHeaders {
  readonly limit: number | null;
  readonly remaining: number | null;
  /** By this process's monotonic clock. */
  readonly resetAtMs: number | null;
}

/** When a call was sent and its headers were received, by this process's monotonic clock. */
export interface ResponseTimes {
  readonly sentAtMs: number;
  readonly receivedAtMs: number;
  /** How far the wall clock was ahead of the monotonic clock at the end. */
  readonly wallAheadMs: number;
}

/** The end of the year 9999, in seconds: a later time could not be written as a date. */
const maxTimeSeconds = 253_402_300_800;

/** Null: the response reports no budget. */
export function rateLimitHeadersOf(
  headers: Headers,
  times: ResponseTimes,
): RateLimitHeaders | null {
  const limit = intOf(headerOf(headers, 'x-ratelimit-limit'));
  const remaining = intOf(headerOf(headers, 'x-ratelimit-remaining'));
  const resetSeconds = countOf(headerOf(headers, 'x-ratelimit-reset'));
  const isTime = resetSeconds !== null && resetSeconds < maxTimeSeconds;
  const resetAtMs = isTime ? resetSeconds * 1000 + clockLeadMs(headers, times) : null;
  if (limit === null && remaining === null && resetAtMs === null) return null;
  return { limit, remaining, resetAtMs };
}

/**
 * How far this process's monotonic clock is ahead of EnviaAI's clock, by which EnviaAI reports
 * times.
 *
 * `Date` was written at some time during the call, in whole seconds. If wall clocks that are equal
 * can explain it, EnviaAI's clock is this machine's wall clock. Else it is the largest possible
 * lead, so that a converted time may be late by one second, but never early, however the wall clock
 * is set.
 */
export function clockLeadMs(
  headers: Headers,
  { sentAtMs, receivedAtMs, wallAheadMs }: ResponseTimes,
): number {
  const date = httpDateOf(headerOf(headers, 'date'));
  if (date === null) return -wallAheadMs;
  const isWallClock = date <= receivedAtMs + wallAheadMs && sentAtMs + wallAheadMs < date + 1000;
  return isWallClock ? -wallAheadMs : receivedAtMs - date;
}

/** The time of an HTTP date in the preferred format, `Sun, 06 Nov 1994 08:49:37 GMT`; else null. */
export function httpDateOf(text: string | null): number | null {
  if (text === null) return null;
  if (!/^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/.test(text)) return null;
  const time = Date.parse(text);
  return Number.isNaN(time) ? null : time;
}
