import { type Headers, headerOf } from './headers.ts';
import { countOf } from './json-fields.ts';

/** What an answer says about its key's budget. Null: not said, or not readable. */
export interface RateLimitHeaders {
  readonly limit: number | null;
  readonly remaining: number | null;
  /** When the window resets, in this machine's clock. */
  readonly resetAtMs: number | null;
}

/** When a call was sent and its headers were read, in this machine's clock. */
export interface ResponseTimes {
  readonly sentAtMs: number;
  readonly heardAtMs: number;
}

/** Null: the answer says nothing about it. */
export function rateLimitHeadersOf(
  headers: Headers,
  heard: ResponseTimes,
): RateLimitHeaders | null {
  const limit = countOf(headerOf(headers, 'x-ratelimit-limit'));
  const remaining = countOf(headerOf(headers, 'x-ratelimit-remaining'));
  const resetSeconds = countOf(headerOf(headers, 'x-ratelimit-reset'));
  // Up to the year 9999: what is beyond is no time, and could not be written as one.
  const isTime = resetSeconds !== null && resetSeconds < 253_402_300_800;
  const resetAtMs = isTime ? resetSeconds * 1000 + clockLeadMs(headers, heard) : null;
  if (limit === null && remaining === null && resetAtMs === null) return null;
  return { limit, remaining, resetAtMs };
}

/**
 * How far this machine's clock is ahead of the vendor's, which writes times in its own.
 *
 * `Date` was written at some moment of the call, in whole seconds. If an equal clock explains it, the clocks count as
 * equal; else the largest lead that does is taken, so that a translated time may be late by a second, but not early.
 */
export function clockLeadMs(headers: Headers, { sentAtMs, heardAtMs }: ResponseTimes): number {
  const date = vendorTimeOf(headers);
  if (date === null) return 0;
  return date <= heardAtMs && sentAtMs < date + 1000 ? 0 : heardAtMs - date;
}

/** The answer's `Date`, in the vendor's clock. */
function vendorTimeOf(headers: Headers): number | null {
  return httpDateOf(headerOf(headers, 'date'));
}

/** The last one read: a vendor writes the same for a second. */
let last: { readonly text: string; readonly time: number | null } = { text: '', time: null };

/** An HTTP date, as every server of today writes it: `Sun, 06 Nov 1994 08:49:37 GMT`. */
export function httpDateOf(text: string | null): number | null {
  if (text === null) return null;
  if (text !== last.text) last = { text, time: timeOf(text) };
  return last.time;
}

function timeOf(text: string): number | null {
  if (!/^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/.test(text)) return null;
  const time = Date.parse(text);
  return Number.isNaN(time) ? null : time;
}
