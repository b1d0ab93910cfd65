import { Failure, type VendorFailureKind } from '#src/domain/failure.ts';
import { type Headers, headerOf } from './headers.ts';
import {
  clockLeadMs,
  type ResponseTimes,
  httpDateOf,
  rateLimitHeadersOf,
} from './rate-limit-headers.ts';
import { booleanOf, type Fields, isFields } from './json-fields.ts';

// Maps, not objects: the vendor chooses these keys, and one day one may be "constructor".
const kindByCode: ReadonlyMap<string, VendorFailureKind> = new Map<string, VendorFailureKind>([
  ['invalid_parameters', 'bad-input'],
  ['missing_api_key', 'unauthorized'],
  ['invalid_api_key', 'unauthorized'],
  ['expired_api_key', 'unauthorized'],
  ['insufficient_permissions', 'forbidden'],
  ['rate_limit_exceeded', 'rate-limited'],
]);

// For an answer without a code, or with one that is not listed above.
const kindByStatus: ReadonlyMap<number, VendorFailureKind> = new Map<number, VendorFailureKind>([
  [400, 'bad-input'],
  [401, 'unauthorized'],
  [403, 'forbidden'],
  [429, 'rate-limited'],
  [502, 'unavailable'],
  [503, 'unavailable'],
  [504, 'unavailable'],
]);

const messages = {
  unauthorized: 'The vendor refused the key',
  forbidden: 'The vendor refused the key for this',
  'bad-input': 'The vendor calls the request wrong',
  'rate-limited': 'The vendor refused the call for its rate',
  timeout: 'The vendor gave no answer in time',
  unavailable: 'The vendor is not available',
  refused: 'The vendor refused the call',
  malformed: "The vendor's answer cannot be read",
} as const satisfies Record<VendorFailureKind, string>;

export interface ErrorResponse extends ResponseTimes {
  readonly status: number;
  readonly headers: Headers;
  /** Undefined: no readable body. */
  readonly json: unknown;
}

/** Whether a 2xx answer is none: the envelope says `success: false`, or holds an error in place of data. */
export function isErrorEnvelope(json: unknown): boolean {
  if (!isFields(json)) return false;
  return (
    booleanOf(json['success']) === false || (errorOf(json) !== null && json['data'] === undefined)
  );
}

/** Whether a status alone says why, so that the body can be missed. */
export function isKnownErrorStatus(status: number): boolean {
  return kindByStatus.has(status);
}

/** The vendor has no instance of the id asked for, and it is the vendor that says so: not a proxy's page. */
export function isNotFound(failure: Failure, json: unknown): boolean {
  if (failure.upstreamCode === 'instance_not_found') return true;
  return failure.status === 404 && failure.kind === 'refused' && errorOf(json) !== null;
}

/** What an answer stands for that is not what was asked for. The vendor's code decides, then the status. */
export function failureOf(refusal: ErrorResponse): Failure {
  const { status, json } = refusal;
  const error = errorOf(json) ?? {};
  const upstreamCode = matching(error['code'], /^[a-z0-9_.-]{1,64}$/i);
  const kind = kindByCode.get(upstreamCode ?? '') ?? kindByStatus.get(status) ?? 'refused';
  return new Failure(kind, messages[kind], {
    status,
    upstreamCode,
    upstreamRequestId: matching(error['requestId'], /^[\w.:-]{1,128}$/),
    retryAfterMs: waits.has(kind)
      ? (retryAfterMsOf(refusal, error) ??
        (kind === 'rate-limited' ? resetMsOf(refusal) : undefined))
      : undefined,
  });
}

const waits: ReadonlySet<VendorFailureKind> = new Set(['rate-limited', 'unavailable']);

/** Both documented envelopes hold an `error` object. */
function errorOf(json: unknown): Fields | null {
  const error = isFields(json) ? json['error'] : undefined;
  return isFields(error) ? error : null;
}

/** Codes and request ids go into logs and answers: only what looks like one does. */
function matching(value: unknown, form: RegExp): string | undefined {
  return typeof value === 'string' && form.test(value) ? value : undefined;
}

/** The body's wait is documented [D]; the header's is not, and honoured where the body has none to believe. */
function retryAfterMsOf(refusal: ErrorResponse, error: Fields): number | undefined {
  return believed(secondsOf(error['retryAfter'])) ?? believed(headerSecondsOf(refusal));
}

/** Without a wait to believe, a refusal for rate holds until the window ends. */
function resetMsOf(refusal: ErrorResponse): number | undefined {
  const resetAtMs = rateLimitHeadersOf(refusal.headers, refusal)?.resetAtMs ?? Number.NaN;
  return believed((resetAtMs - refusal.heardAtMs) / 1000);
}

function headerSecondsOf(refusal: ErrorResponse): number {
  const header = headerOf(refusal.headers, 'retry-after');
  const date = httpDateOf(header);
  if (date === null) return secondsOf(header);
  return (date + clockLeadMs(refusal.headers, refusal) - refusal.heardAtMs) / 1000;
}

function secondsOf(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : Number.NaN;
}

/** A wait under a second or over an hour is a mistake. */
function believed(seconds: number): number | undefined {
  return seconds >= 1 && seconds <= 3600 ? Math.ceil(seconds * 1000) : undefined;
}
