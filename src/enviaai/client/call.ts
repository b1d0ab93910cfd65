import type { Dispatcher } from 'undici';
import type { Clock } from '#src/domain/clock.ts';
import { Failure } from '#src/domain/failure.ts';
import type { Span } from '#src/domain/span.ts';
import {
  failureOf,
  isErrorEnvelope,
  isKnownErrorStatus,
  isNotFound,
} from '#src/enviaai/response/error-response.ts';
import { jsonOf } from '#src/enviaai/response/json-fields.ts';
import {
  type RateLimitHeaders,
  rateLimitHeadersOf,
  type ResponseTimes,
} from '#src/enviaai/response/rate-limit-headers.ts';
import { type CallCredentials, type CallReport, spanEndOf, spanNames } from './call-report.ts';
import { acceptedEncodings, decodeBody } from './decode-body.ts';
import {
  type GetRequest,
  httpGet,
  type HttpGetParts,
  type HttpResponse,
  SentTwice,
  StaleConnection,
} from './http-get.ts';

/** What all calls to EnviaAI share. */
export interface Transport extends HttpGetParts {
  /** Kept-alive connections. */
  readonly pooled: Dispatcher;
  /** Opens a new connection for each call. */
  readonly unpooled: Dispatcher;
  readonly timeoutMs: number;
  readonly onCall: (call: CallReport) => void;
  readonly now: Clock['now'];
  readonly wall: Clock['wall'];
}

export interface CallRequest<T> {
  readonly kind: 'list' | 'get';
  readonly caller: CallCredentials;
  readonly path: string;
  /** An earlier response to the same call, which is returned itself if the bytes are equal. */
  readonly known: T | undefined;
  /** The result if EnviaAI reports that there is no such instance; null: the call fails then. */
  readonly notFound: T | null;
  readonly parse: (bytes: Buffer, json: unknown) => T;
}

/**
 * Makes one call to EnviaAI and returns its parsed response.
 *
 * Rejects with a {@link Failure} only, whose message never contains EnviaAI's text. Never retries:
 * a call costs budget, and only the reader of the response knows whether it is worth a second one.
 */
export async function call<T extends { readonly bytes: Buffer }>(
  transport: Transport,
  request: CallRequest<T>,
): Promise<T> {
  const { caller, kind } = request;
  const timeoutMs = Math.min(transport.timeoutMs, caller.timeoutMs ?? transport.timeoutMs);
  // In both cases no call is made, so none is reported.
  if (caller.signal?.aborted) {
    throw new Failure('unavailable', 'The caller was gone', { cause: caller.signal.reason });
  }
  if (timeoutMs <= 0) throw new Failure('timeout', 'No time was left for a call');

  const span = caller.span?.begin(spanNames[kind], 'client');
  const startedAt = performance.now();
  const sentAtMs = transport.now();
  let status: number | null = null;
  let rate: RateLimitHeaders | null = null;
  const report = (outcome: CallReport['outcome'], failure?: Failure) => {
    span?.end(spanEndOf({ kind, outcome, status }));
    transport.onCall({
      caller,
      kind,
      outcome,
      status,
      durationMs: performance.now() - startedAt,
      reason: failure?.reason,
      rate,
      retryAfterMs: failure?.retryAfterMs ?? null,
      upstreamCode: failure?.upstreamCode ?? null,
      upstreamRequestId: failure?.upstreamRequestId ?? null,
    });
  };

  let parsed: ParsedResponse<T>;
  try {
    const { path } = request;
    const { signal } = caller;
    const get = { path, headers: headersOf(caller, span), timeoutMs, signal };
    const response = await sendOnUsableConnection(transport, get, caller.again ?? false);
    const receivedAtMs = transport.now();
    const times = { sentAtMs, receivedAtMs, wallAheadMs: transport.wall().aheadMs };
    status = response.status;
    rate = rateLimitHeadersOf(response.headers, times);
    parsed = parseResponse(request, response, times);
  } catch (error) {
    if (error instanceof Failure) report(error.kind, error);
    else report('malformed');
    throw error;
  }
  report(parsed.notFound ? 'not-found' : 'ok', parsed.notFound);
  return parsed.value;
}

/**
 * Sends a request on a kept-alive connection, and once more on a new one if that connection was
 * stale. EnviaAI did not receive the first request, so both are one call.
 */
async function sendOnUsableConnection(
  transport: Transport,
  request: GetRequest,
  needsNewConnection: boolean,
): Promise<HttpResponse> {
  const { pooled, unpooled } = transport;
  if (needsNewConnection) return httpGet(unpooled, request, transport);
  try {
    return await httpGet(pooled, request, transport);
  } catch (error) {
    if (!(error instanceof StaleConnection)) throw error;
  }
  try {
    return await httpGet(unpooled, request, transport);
  } catch (error) {
    // The first connection may have failed for the same reason, and not because it was stale.
    if (!(error instanceof Failure) || error.kind !== 'unavailable') throw error;
    throw new SentTwice(error.kind, error.message, { cause: error.cause, reason: error.reason });
  }
}

interface ParsedResponse<T> {
  readonly value: T;
  /** The error response that says that there is no such instance. */
  readonly notFound?: Failure;
}

/** Throws the failure that an error response means. */
function parseResponse<T extends { readonly bytes: Buffer }>(
  { known, notFound, parse }: CallRequest<T>,
  response: HttpResponse,
  times: ResponseTimes,
): ParsedResponse<T> {
  const { status, headers } = response;
  let json: unknown;
  if (status < 300) {
    const bytes = decodeBody(response, known?.bytes);
    if (bytes === known?.bytes) return { value: known };
    json = jsonOf(bytes);
    if (!isErrorEnvelope(json)) return { value: parse(bytes, json) };
  } else {
    if (response.broken && !isKnownErrorStatus(status)) throw response.broken;
    // The body of a redirect may not be EnviaAI's. Not followed: the key would be sent along.
    json = status < 400 ? undefined : jsonOrUndefined(response);
  }

  const failure = failureOf({ status, headers, json, ...times });
  if (notFound === null || !isNotFound(failure, json)) throw failure;
  return { value: known?.bytes.equals(notFound.bytes) ? known : notFound, notFound: failure };
}

/** The body of an error response only adds details to the status, so it need not be readable. */
function jsonOrUndefined(response: HttpResponse): unknown {
  try {
    return jsonOf(decodeBody(response));
  } catch {
    return undefined;
  }
}

const constantHeaders = Object.entries({
  accept: 'application/json',
  'accept-encoding': acceptedEncodings,
  'user-agent': 'enviaai-graphql',
}).flat();

function headersOf({ apiKey, requestId }: CallCredentials, span: Span | undefined): string[] {
  const headers = ['authorization', `Bearer ${apiKey}`, 'x-request-id', requestId];
  if (span) headers.push('traceparent', span.traceparent);
  return headers.concat(constantHeaders);
}
