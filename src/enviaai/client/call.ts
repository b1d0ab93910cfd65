import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import type { Clock } from '#src/domain/clock.ts';
import { Failure } from '#src/domain/failure.ts';
import type { OnUnreadable } from '#src/domain/read-field.ts';
import type { Span } from '#src/domain/span.ts';
import { notFoundCode } from '#src/enviaai/response/error-response.ts';
import {
  type RateLimitHeaders,
  rateLimitHeadersOf,
  type ResponseTimes,
} from '#src/enviaai/response/rate-limit-headers.ts';
import { type CallKind, pathOf, routes } from './call-kinds.ts';
import { type CallCredentials, type CallReport, spanEndOf, spanNameOf } from './call-report.ts';
import { acceptedEncodings } from './decode-body.ts';
import {
  type HttpRequest,
  type HttpResponse,
  httpSend,
  type HttpSendParts,
  SentTwice,
  StaleConnection,
} from './http-send.ts';
import { IdleConnection } from './stale-connections.ts';

/** What all calls to EnviaAI share. */
export interface Transport extends HttpSendParts {
  /** The path of the base URL, without a slash at the end. */
  readonly basePath: string;
  readonly origin: string;
  /** Kept-alive connections. */
  readonly pooled: Dispatcher;
  /** Opens a new connection for each call. */
  readonly unpooled: Dispatcher;
  readonly timeoutMs: number;
  readonly onCall: (call: CallReport) => void;
  readonly onUnreadable: OnUnreadable;
  readonly now: Clock['now'];
  readonly wall: Clock['wall'];
}

export interface CallRequest<T> {
  readonly kind: CallKind;
  readonly caller: CallCredentials;
  /** The instance that the call is about. */
  readonly id?: string;
  /** The query, without its question mark. */
  readonly search?: string;
  /** The body, as a JSON value. */
  readonly body?: object;
  /** Throws the failure that the response means. */
  readonly read: (response: HttpResponse, times: ResponseTimes) => CallResult<T>;
}

export interface CallResult<T> {
  readonly value: T;
  /** The error response that is a result: there is no such instance, or nothing is to do. */
  readonly refusal?: Failure;
  /** Default: `ok`. */
  readonly outcome?: 'ok' | 'not-found';
}

/**
 * Makes one call to EnviaAI and returns its parsed response.
 *
 * Rejects with a {@link Failure} only, whose message never contains EnviaAI's text. Never retries:
 * a call costs budget, and only the reader of the response knows whether it is worth a second one.
 */
export async function call<T>(transport: Transport, request: CallRequest<T>): Promise<T> {
  const { caller, kind } = request;
  const timeoutMs = Math.min(transport.timeoutMs, caller.timeoutMs ?? transport.timeoutMs);
  // In both cases no call is made, so none is reported.
  if (caller.signal?.aborted) {
    throw new Failure('unavailable', 'The caller was gone', { cause: caller.signal.reason });
  }
  if (timeoutMs <= 0) throw new Failure('timeout', 'No time was left for a call');

  const span = caller.span?.begin(spanNameOf(kind), 'client');
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

  let result: CallResult<T>;
  try {
    const http = httpRequestOf(transport, request, { timeoutMs, span });
    const response = await send(transport, http, caller.again ?? false);
    const receivedAtMs = transport.now();
    const times = { sentAtMs, receivedAtMs, wallAheadMs: transport.wall().aheadMs };
    // undici frees the connection in the next turn of the event loop: a call that follows this one
    // at once, such as the read after a write, would open another.
    await nextTurn();
    status = response.status;
    rate = rateLimitHeadersOf(response.headers, times);
    result = request.read(response, times);
  } catch (error) {
    if (error instanceof Failure) report(outcomeOf(request.id, error), error);
    else report('malformed');
    throw error;
  }
  report(result.outcome ?? 'ok', result.refusal);
  return result.value;
}

/** That there is no such instance is an answer, and no fault. */
const outcomeOf = (id: string | undefined, failure: Failure): CallReport['outcome'] =>
  id !== undefined && failure.kind === 'refused' && failure.upstreamCode === notFoundCode
    ? 'not-found'
    : failure.kind;

function send(
  transport: Transport,
  request: HttpRequest,
  needsNewConnection: boolean,
): Promise<HttpResponse> {
  if (request.method !== 'GET') return sendWrite(transport, request);
  return needsNewConnection
    ? httpSend(transport.unpooled, request, transport)
    : sendOnUsableConnection(transport, request);
}

/**
 * Sends a write once: on a connection that has just answered, or on a new one, which reads use
 * afterwards. Each connection that was idle for longer is closed, so the loop ends.
 */
async function sendWrite(transport: Transport, request: HttpRequest): Promise<HttpResponse> {
  for (;;) {
    try {
      return await httpSend(transport.pooled, request, transport);
    } catch (error) {
      if (!(error instanceof IdleConnection) || request.signal?.aborted) throw error;
    }
  }
}

/**
 * Sends a request on a kept-alive connection, and once more on a new one if that connection was
 * stale. EnviaAI did not receive the first request, so both are one call.
 */
async function sendOnUsableConnection(
  transport: Transport,
  request: HttpRequest,
): Promise<HttpResponse> {
  const { pooled, unpooled } = transport;
  try {
    return await httpSend(pooled, request, transport);
  } catch (error) {
    if (!(error instanceof StaleConnection)) throw error;
  }
  try {
    return await httpSend(unpooled, request, transport);
  } catch (error) {
    // The first connection may have failed for the same reason, and not because it was stale.
    if (!(error instanceof Failure) || error.kind !== 'unavailable') throw error;
    throw new SentTwice(error.kind, error.message, { cause: error.cause, reason: error.reason });
  }
}

function httpRequestOf<T>(
  { origin, basePath }: Transport,
  { kind, caller, id = '', search, body }: CallRequest<T>,
  { timeoutMs, span }: { readonly timeoutMs: number; readonly span: Span | undefined },
): HttpRequest {
  const headers = headersOf(caller, span);
  if (body) headers.push('content-type', 'application/json');
  const path = basePath + pathOf(kind, id);
  return {
    method: routes[kind].method,
    origin,
    path: search === undefined ? path : `${path}?${search}`,
    headers,
    body: body && JSON.stringify(body),
    timeoutMs,
    signal: caller.signal,
  };
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
