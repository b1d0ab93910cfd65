import { Failure, type UpstreamFailureKind } from '#src/domain/failure.ts';
import { type Headers, headerOf } from './headers.ts';
import {
  clockLeadMs,
  type ResponseTimes,
  httpDateOf,
  rateLimitHeadersOf,
} from './rate-limit-headers.ts';
import { booleanOf, type Fields, isFields } from './json-fields.ts';

type KeyVerdict = 'unauthorized' | 'forbidden';

// Maps, not objects: EnviaAI chooses the keys, and one may be "constructor".

/** The documented codes that refuse an API key. */
const verdictByCode: ReadonlyMap<string, KeyVerdict> = new Map<string, KeyVerdict>([
  ['missing_api_key', 'unauthorized'],
  ['invalid_api_key', 'unauthorized'],
  ['expired_api_key', 'unauthorized'],
  ['insufficient_permissions', 'forbidden'],
]);

const kindByCode: ReadonlyMap<string, UpstreamFailureKind> = new Map<string, UpstreamFailureKind>([
  ['invalid_parameters', 'bad-input'],
  ['rate_limit_exceeded', 'rate-limited'],
]);

/**
 * For a response without a documented code. 401, 403 and 407 without one come from a firewall, a
 * proxy or a captive portal in front of EnviaAI: they say nothing about the key, and EnviaAI is not
 * available.
 */
const kindByStatus: ReadonlyMap<number, UpstreamFailureKind> = new Map<number, UpstreamFailureKind>(
  [
    [401, 'unavailable'],
    [403, 'unavailable'],
    [407, 'unavailable'],
    [429, 'rate-limited'],
    [502, 'unavailable'],
    [503, 'unavailable'],
    [504, 'unavailable'],
  ],
);

/** A 401 or 403 without a documented code can be a rate limit, which its headers show. */
const mayBeRateLimit: ReadonlySet<number> = new Set([401, 403]);

const messages = {
  unauthorized: 'EnviaAI refused the key',
  forbidden: 'EnviaAI does not allow this call with the key',
  'bad-input': 'EnviaAI calls the request wrong',
  'rate-limited': 'EnviaAI refused the call because of its rate limit',
  timeout: 'EnviaAI did not respond in time',
  unavailable: 'EnviaAI is not available',
  refused: 'EnviaAI refused the call',
  malformed: 'The response of EnviaAI cannot be read',
} as const satisfies Record<UpstreamFailureKind, string>;

export interface ErrorResponse extends ResponseTimes {
  readonly status: number;
  readonly headers: Headers;
  /** Undefined: there is no readable body. */
  readonly json: unknown;
}

/** Whether a 2xx response is an error: it has `success: false`, or an error and no data. */
export function isErrorEnvelope(json: unknown): boolean {
  if (!isFields(json)) return false;
  return (
    booleanOf(json['success']) === false || (errorOf(json) !== null && json['data'] === undefined)
  );
}

/**
 * Whether the failure can be determined without the body, which is then not needed. A broken body
 * has no code, so it never refuses a key.
 */
export function isKnownErrorStatus(status: number): boolean {
  return status === 400 || kindByStatus.has(status);
}

/** EnviaAI's code for an unknown id [D]. */
export const notFoundCode = 'instance_not_found';

/** Whether EnviaAI has no such instance. The 404 page of a proxy is no proof of that. */
export function isNotFound(failure: Failure, json: unknown): boolean {
  if (failure.upstreamCode === notFoundCode) return true;
  return failure.status === 404 && failure.kind === 'refused' && errorOf(json) !== null;
}

/**
 * The failure that an error response means: by EnviaAI's code, else by the status and the headers.
 */
export function failureOf(response: ErrorResponse): Failure {
  const { status, json } = response;
  const error = errorOf(json) ?? {};
  // In lower case, as documented: the codes decide what a refusal means.
  const upstreamCode = matching(error['code'], /^[a-z0-9_.-]{1,64}$/i)?.toLowerCase();
  const kind = kindOf(response, upstreamCode);
  return new Failure(kind, messages[kind], {
    status,
    upstreamCode,
    upstreamRequestId: matching(error['requestId'], /^[\w.:-]{1,128}$/),
    retryAfterMs: retryAfterMsOf(kind, response, error),
  });
}

/** Only a documented code in EnviaAI's envelope refuses a key, or calls the request wrong. */
function kindOf(response: ErrorResponse, code: string | undefined): UpstreamFailureKind {
  const { status, json } = response;
  const isDocumentedForm = isFields(json) && booleanOf(json['success']) !== true;
  const verdict = isDocumentedForm && canRefuseKey(status) && verdictByCode.get(code ?? '');
  if (verdict) return verdict;
  const kind = (isDocumentedForm && kindByCode.get(code ?? '')) || kindByStatus.get(status);
  // A 400 in another form is a proxy's, which did not understand the request.
  if (kind === undefined) return status === 400 && code === undefined ? 'unavailable' : 'refused';
  return mayBeRateLimit.has(status) && kind === 'unavailable' && isRateLimit(response)
    ? 'rate-limited'
    : kind;
}

/**
 * A fault of EnviaAI, a rate limit and the refusal of a proxy say nothing about the key, with any
 * code.
 */
const canRefuseKey = (status: number): boolean => status < 500 && status !== 407 && status !== 429;

/** Whether the response asks for a wait: by a time, or by a budget of 0 with its reset. */
function isRateLimit(response: ErrorResponse): boolean {
  const waitMs = retryAfterMsOf('unavailable', response, errorOf(response.json) ?? {});
  return (
    waitMs !== undefined ||
    (rateLimitHeadersOf(response.headers, response)?.remaining === 0 &&
      plausibleMsOf(resetSecondsOf(response)) !== undefined)
  );
}

/** Both documented envelopes have an `error` object. */
export function errorOf(json: unknown): Fields | null {
  const error = isFields(json) ? json['error'] : undefined;
  return isFields(error) ? error : null;
}

/** Codes and request ids are logged and returned to clients, so other text is left out. */
function matching(value: unknown, pattern: RegExp): string | undefined {
  return typeof value === 'string' && pattern.test(value) ? value : undefined;
}

/**
 * The wait before a retry, for kinds that may succeed later. The wait in the body is documented
 * [D]; the header is not, and is used if the body has no plausible wait. After a 429 without
 * either, the wait ends with the window.
 */
function retryAfterMsOf(
  kind: UpstreamFailureKind,
  response: ErrorResponse,
  error: Fields,
): number | undefined {
  if (kind !== 'rate-limited' && kind !== 'unavailable') return undefined;
  return (
    plausibleMsOf(secondsOf(error['retryAfter'])) ??
    plausibleMsOf(headerSecondsOf(response)) ??
    (kind === 'rate-limited' ? plausibleMsOf(resetSecondsOf(response)) : undefined)
  );
}

function resetSecondsOf(response: ErrorResponse): number {
  const resetAtMs = rateLimitHeadersOf(response.headers, response)?.resetAtMs ?? Number.NaN;
  return (resetAtMs - response.receivedAtMs) / 1000;
}

function headerSecondsOf(response: ErrorResponse): number {
  const header = headerOf(response.headers, 'retry-after');
  const date = httpDateOf(header);
  if (date === null) return secondsOf(header);
  return (date + clockLeadMs(response.headers, response) - response.receivedAtMs) / 1000;
}

/** NaN: not a number of seconds. */
function secondsOf(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : Number.NaN;
}

/** Undefined: a wait under a second or over an hour, which is taken for a mistake. */
function plausibleMsOf(seconds: number): number | undefined {
  return seconds >= 1 && seconds <= 3600 ? Math.ceil(seconds * 1000) : undefined;
}
