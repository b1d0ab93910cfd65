import type { Dispatcher } from 'undici';
import { Failure } from '#src/domain/failure.ts';
import { isStaleConnectionError } from './stale-connections.ts';
import { type Headers, headerOf } from '#src/enviaai/response/headers.ts';

/** What one answer may weigh, on the wire and expanded. A page of 100 rows is some 50 KB. */
export const maxResponseBytes = 5 * 1024 * 1024;

export interface GetRequest {
  readonly path: string;
  /** Name, value, name, value. */
  readonly headers: string[];
  /** For everything together: a free connection, connecting, headers and body. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** The connection had been closed by the other end since its last answer: nothing of this call was seen there. */
export class StaleConnection extends Failure {}

/** So it was, and then it failed on a new connection too: the vendor may have seen it twice. */
export class SentTwice extends Failure {}

/** What came back. The headers are whole; `broken` says why the body is not. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Headers;
  /** The body as it came: perhaps compressed. Views of larger buffers, not to be kept. */
  readonly chunks: readonly Buffer[];
  readonly broken: Failure | null;
}

/**
 * Sends one GET and reads its answer into memory; follows no redirect and never tries again.
 *
 * Rejects with a {@link Failure} where no headers came. Where they did, a body that broke off, took too long
 * or grew past the limit is in `broken`: a status and its rate limit were heard all the same.
 */
export function httpGet(dispatcher: Dispatcher, request: GetRequest): Promise<HttpResponse> {
  const { path, headers, timeoutMs, signal } = request;
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    let head: Pick<HttpResponse, 'status' | 'headers'> | undefined;
    let settled = false;
    let size = 0;
    const chunks: Buffer[] = [];

    const settle = (broken: Failure | null) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
      if (head) resolve({ ...head, chunks, broken });
      else reject(broken ?? new Failure('unavailable', 'The vendor ended without an answer'));
      if (broken) controller?.abort(broken);
    };
    const tooLong = () => {
      settle(new Failure('malformed', "The vendor's answer is too long"));
    };
    const giveUp = () => {
      settle(new Failure('unavailable', 'The caller gave the call up', { cause: signal?.reason }));
    };
    const timer = setTimeout(() => {
      settle(new Failure('timeout', 'The vendor gave no answer in time'));
    }, timeoutMs);
    signal?.addEventListener('abort', giveUp);

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(given) {
        controller = given;
        // Given up while it waited for a connection: it is not sent at all.
        if (settled) given.abort(new Failure('unavailable', 'The call was given up'));
      },
      onResponseStart(_, status, answered) {
        // 1xx comes before the answer.
        if (status < 200) return;
        head = { status, headers: answered };
        if (Number(headerOf(answered, 'content-length')) > maxResponseBytes) tooLong();
      },
      onResponseData(_, chunk) {
        if (settled) return;
        size += chunk.length;
        if (size > maxResponseBytes) tooLong();
        else chunks.push(chunk);
      },
      onResponseEnd() {
        settle(null);
      },
      onResponseError(_, error) {
        settle(failureOf(error));
      },
    };
    // Its own timers are off: they are coarse, and count the parts one by one.
    dispatcher.dispatch(
      { path, method: 'GET', headers, headersTimeout: 0, bodyTimeout: 0 },
      handler,
    );
  });
}

const timeoutCodes: ReadonlySet<unknown> = new Set(['UND_ERR_CONNECT_TIMEOUT', 'ETIMEDOUT']);

/** Keeps an error's code alone as the cause: its text and fields can hold addresses and what the vendor sent. */
function failureOf(error: Error): Failure {
  const cause = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  if (isStaleConnectionError(error)) {
    return new StaleConnection('unavailable', 'A kept connection was closed already', { cause });
  }
  return timeoutCodes.has(cause)
    ? new Failure('timeout', 'The vendor gave no connection in time', { cause })
    : new Failure('unavailable', 'The connection to the vendor failed', { cause });
}
