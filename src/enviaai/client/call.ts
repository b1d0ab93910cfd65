import type { Dispatcher } from 'undici';
import { Failure, type FailureKind } from '#src/domain/failure.ts';
import type { Span } from '#src/domain/span.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import { acceptedEncodings, decodeBody } from './decode-body.ts';
import {
  type HttpResponse,
  httpGet,
  type GetRequest,
  SentTwice,
  StaleConnection,
} from './http-get.ts';
import {
  type ResponseTimes,
  type RateLimitHeaders,
  rateLimitHeadersOf,
} from '#src/enviaai/response/rate-limit-headers.ts';
import {
  isNotFound,
  isErrorEnvelope,
  isKnownErrorStatus,
  failureOf,
} from '#src/enviaai/response/error-response.ts';
import { jsonOf } from '#src/enviaai/response/json-fields.ts';

/** On whose behalf a call is made. */
export interface CallCredentials {
  readonly tenant: Tenant;
  readonly apiKey: string;
  readonly requestId: string;
  readonly signal?: AbortSignal | undefined;
  /** What is left of the operation; counts where it is less than the configured timeout. */
  readonly timeoutMs?: number | undefined;
  /** The same call has just failed: it goes out on a new connection. */
  readonly again?: boolean | undefined;
  /** What the call is part of; the vendor gets its `traceparent`. */
  readonly span?: Span | undefined;
}

/** One HTTP call, as it went. The caller's key is in it: not for a log as a whole. */
export interface CallReport {
  readonly caller: CallCredentials;
  readonly kind: 'list' | 'get';
  readonly outcome: 'ok' | 'not-found' | FailureKind;
  /** Null: no headers came. */
  readonly status: number | null;
  readonly durationMs: number;
  readonly rate: RateLimitHeaders | null;
  readonly retryAfterMs: number | null;
  readonly upstreamCode: string | null;
  readonly upstreamRequestId: string | null;
}

/** The way to the vendor that all calls share. */
export interface Transport {
  readonly dispatcher: Dispatcher;
  /** Makes a new connection for each call. */
  readonly fresh: Dispatcher;
  readonly timeoutMs: number;
  readonly onCall: (call: CallReport) => void;
  readonly now: () => number;
}

export interface Call<T> {
  readonly kind: 'list' | 'get';
  readonly caller: CallCredentials;
  readonly path: string;
  /** An earlier answer to the same call: returned itself where the bytes are the same. */
  readonly known: T | undefined;
  /** The answer for "there is none"; null where that is a refusal like any other. */
  readonly gone: T | null;
  readonly read: (bytes: Buffer, json: unknown) => T;
}

/**
 * Makes one call to the vendor and returns its answer, read.
 *
 * Whatever stands in the way rejects with a {@link Failure}, whose message is ours. It never retries: a call
 * costs budget, and only who asked knows whether the answer is worth a second one.
 */
export async function call<T extends { readonly bytes: Buffer }>(
  line: Transport,
  request: Call<T>,
): Promise<T> {
  const { caller, kind } = request;
  const timeoutMs = Math.min(line.timeoutMs, caller.timeoutMs ?? line.timeoutMs);
  // Neither is a call: nothing was sent, nothing is reported.
  if (caller.signal?.aborted) {
    throw new Failure('unavailable', 'The caller had gone', { cause: caller.signal.reason });
  }
  if (timeoutMs <= 0) throw new Failure('timeout', 'No time was left for a call');

  const span = caller.span?.begin(spanNames[kind], 'client');
  const started = performance.now();
  const sentAtMs = line.now();
  let status: number | null = null;
  let rate: RateLimitHeaders | null = null;
  const report = (outcome: CallReport['outcome'], failure?: Failure) => {
    span?.end(spanEndOf({ kind, outcome, status }));
    line.onCall({
      caller,
      kind,
      outcome,
      status,
      durationMs: performance.now() - started,
      rate,
      retryAfterMs: failure?.retryAfterMs ?? null,
      upstreamCode: failure?.upstreamCode ?? null,
      upstreamRequestId: failure?.upstreamRequestId ?? null,
    });
  };

  let taken: Taken<T>;
  try {
    const sent = {
      path: request.path,
      headers: headersOf(caller, span),
      timeoutMs,
      signal: caller.signal,
    };
    const answer = await exchangeOn(line, sent, caller.again ?? false);
    const heard = { sentAtMs, heardAtMs: line.now() };
    status = answer.status;
    rate = rateLimitHeadersOf(answer.headers, heard);
    taken = take(request, answer, heard);
  } catch (error) {
    if (error instanceof Failure) report(error.kind, error);
    else report('malformed');
    throw error;
  }
  report(taken.absent ? 'not-found' : 'ok', taken.absent);
  return taken.value;
}

/**
 * On a kept-alive connection, and, where that turns out to be closed already before any byte of the
 * answer, on a new one: the vendor never saw the first, so that it is no second call.
 */
async function exchangeOn(
  line: Transport,
  request: GetRequest,
  again: boolean,
): Promise<HttpResponse> {
  if (again) return httpGet(line.fresh, request);
  try {
    return await httpGet(line.dispatcher, request);
  } catch (error) {
    if (!(error instanceof StaleConnection)) throw error;
  }
  try {
    return await httpGet(line.fresh, request);
  } catch (error) {
    // Then it may not have been the connection's age.
    if (!(error instanceof Failure) || error.kind !== 'unavailable') throw error;
    throw new SentTwice(error.kind, error.message, { cause: error.cause });
  }
}

interface Taken<T> {
  readonly value: T;
  /** The refusal that says there is none. */
  readonly absent?: Failure;
}

/** Reads an answer, or throws what it stands for. */
function take<T extends { readonly bytes: Buffer }>(
  { known, gone, read }: Call<T>,
  answer: HttpResponse,
  heard: ResponseTimes,
): Taken<T> {
  const { status, headers } = answer;
  let json: unknown;
  if (status < 300) {
    const bytes = decodeBody(answer, known?.bytes);
    if (bytes === known?.bytes) return { value: known };
    json = jsonOf(bytes);
    if (!isErrorEnvelope(json)) return { value: read(bytes, json) };
  } else {
    if (answer.broken && !isKnownErrorStatus(status)) throw answer.broken;
    // A redirect is not followed, the key would go along, and what it says is not the vendor's word.
    json = status < 400 ? undefined : jsonOrNothing(answer);
  }

  const refusal = failureOf({ status, headers, json, ...heard });
  if (gone === null || !isNotFound(refusal, json)) throw refusal;
  return { value: known?.bytes.equals(gone.bytes) ? known : gone, absent: refusal };
}

/** A refusal's body only says more of what its status says: one that cannot be read is none. */
function jsonOrNothing(answer: HttpResponse): unknown {
  try {
    return jsonOf(decodeBody(answer));
  } catch {
    return undefined;
  }
}

const spanNames = { list: 'GET /instances', get: 'GET /instances/{id}' };

/** What a trace tells of a call: no id, key or address, though all are in its path and headers. */
function spanEndOf({ kind, outcome, status }: Pick<CallReport, 'kind' | 'outcome' | 'status'>) {
  const failed = outcome !== 'ok' && outcome !== 'not-found';
  return {
    facts: {
      'http.request.method': 'GET',
      'http.response.status_code': status,
      'enviaai.call.kind': kind,
      'enviaai.call.outcome': outcome,
      'error.type': failed ? outcome : null,
    },
    failed,
  };
}

const ownHeaders = Object.entries({
  accept: 'application/json',
  'accept-encoding': acceptedEncodings,
  'user-agent': 'enviaai-graphql',
}).flat();

function headersOf({ apiKey, requestId }: CallCredentials, span: Span | undefined): string[] {
  const caller = ['authorization', `Bearer ${apiKey}`, 'x-request-id', requestId];
  if (span) caller.push('traceparent', span.traceparent);
  return caller.concat(ownHeaders);
}
