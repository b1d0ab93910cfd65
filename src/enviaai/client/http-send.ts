import type { Dispatcher } from 'undici';
import type { SetTimer } from '#src/domain/clock.ts';
import { connectionReasonOf } from '#src/domain/connection-reason.ts';
import { Failure } from '#src/domain/failure.ts';
import { type Headers, headerOf } from '#src/enviaai/response/headers.ts';
import { outcomeUnknown } from '#src/enviaai/response/outcome-unknown.ts';
import { IdleConnection } from './stale-connections.ts';

/** Upper bound on a body, on the wire and decompressed. A page of 100 rows has about 50 KB. */
export const maxResponseBytes = 5 * 1024 * 1024;

export interface HttpRequest {
  /** Any method but GET is a write, which is sent at most once. */
  readonly method: 'GET' | 'POST' | 'PATCH';
  /** Scheme, host and port. */
  readonly origin: string;
  readonly path: string;
  /** Name, value, name, value. */
  readonly headers: string[];
  /** JSON; undefined: the request has no body. */
  readonly body?: string | undefined;
  /** For everything together: the wait for a free connection, connecting, headers and body. */
  readonly timeoutMs: number;
  /** Aborts a read at any time, a write only before it is sent. */
  readonly signal?: AbortSignal | undefined;
}

/** The kept-alive connection had been closed before the request: EnviaAI did not receive it. */
export class StaleConnection extends Failure {}

/**
 * The request failed on a stale connection, then on a new one: EnviaAI may have received it twice.
 */
export class SentTwice extends Failure {}

/** A response with complete headers. `broken` says why the body is not complete. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Headers;
  /**
   * The body as received, perhaps compressed. Views of larger buffers: copy them before storing.
   */
  readonly chunks: readonly Buffer[];
  readonly broken: Failure | null;
}

export interface HttpSendParts {
  readonly isStaleConnectionError: (error: Error) => boolean;
  readonly setTimer: SetTimer;
}

/**
 * Sends one request and reads the response into memory. Follows no redirect and never retries.
 *
 * Rejects with a {@link Failure} if no headers arrived. If headers arrived, but the body broke off,
 * took too long or exceeded the limit, the failure is in `broken`: the status and the rate limit of
 * such a response still count.
 *
 * A write that fails after undici has started to write it is `outcome-unknown`: EnviaAI may have
 * received it. Any other failure of a write, such as {@link IdleConnection}, means that no byte of
 * it was sent.
 */
export function httpSend(
  dispatcher: Dispatcher,
  request: HttpRequest,
  { isStaleConnectionError, setTimer }: HttpSendParts,
): Promise<HttpResponse> {
  const { method, origin, path, headers, body = null, timeoutMs, signal } = request;
  const isWrite = method !== 'GET';
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    let head: Pick<HttpResponse, 'status' | 'headers'> | undefined;
    let isSettled = false;
    let size = 0;
    const chunks: Buffer[] = [];

    const settle = (broken: Failure | null) => {
      if (isSettled) return;
      isSettled = true;
      cancelTimeout();
      signal?.removeEventListener('abort', onAbort);
      if (head) resolve({ ...head, chunks, broken });
      else {
        const failure = broken ?? new Failure('unavailable', 'EnviaAI sent no response');
        const isSent = controller !== undefined && !(failure instanceof IdleConnection);
        reject(isWrite && isSent ? outcomeUnknown(failure) : failure);
      }
      if (broken) controller?.abort(broken);
    };
    const rejectAsTooLong = () => {
      settle(new Failure('malformed', 'The response of EnviaAI is too long'));
    };
    const onAbort = () => {
      // EnviaAI may do what was sent: only its response tells.
      if (isWrite && controller) return;
      settle(new Failure('unavailable', 'The caller aborted the call', { cause: signal?.reason }));
    };
    const cancelTimeout = setTimer(timeoutMs, () => {
      const reason = controller ? 'response-timeout' : 'connect-timeout';
      settle(new Failure('timeout', 'EnviaAI did not respond in time', { reason }));
    });
    signal?.addEventListener('abort', onAbort);

    const handler: Dispatcher.DispatchHandler = {
      // Called just before the first byte is written, and nothing is written after an abort in it.
      onRequestStart(started) {
        const isRepeated = controller !== undefined;
        controller = started;
        // Aborted while it waited for a connection: the request is not sent.
        if (isSettled) started.abort(new Failure('unavailable', 'The call was aborted'));
        // In case undici sends a request again after it lost the connection.
        else if (isWrite && isRepeated) started.abort(new Error('A write is sent once'));
      },
      onResponseStart(_, status, responseHeaders) {
        // 1xx precedes the response.
        if (status < 200) return;
        head = { status, headers: responseHeaders };
        if (Number(headerOf(responseHeaders, 'content-length')) > maxResponseBytes) {
          rejectAsTooLong();
        }
      },
      onResponseData(_, chunk) {
        if (isSettled) return;
        size += chunk.length;
        if (size > maxResponseBytes) rejectAsTooLong();
        else chunks.push(chunk);
      },
      onResponseEnd() {
        settle(null);
      },
      onResponseError(_, error) {
        settle(
          error instanceof IdleConnection
            ? error
            : connectionFailureOf(error, isStaleConnectionError(error)),
        );
      },
    };
    // undici's timeouts are off: they are coarse, and apply to headers and body one by one.
    dispatcher.dispatch(
      { origin, path, method, headers, body, headersTimeout: 0, bodyTimeout: 0 },
      handler,
    );
  });
}

const timeoutCodes: ReadonlySet<unknown> = new Set(['UND_ERR_CONNECT_TIMEOUT', 'ETIMEDOUT']);

/** The cause is only the error's code: its message may contain addresses or response data. */
function connectionFailureOf(error: Error, isStale: boolean): Failure {
  const cause = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  const reason = connectionReasonOf(error);
  if (isStale) {
    return new StaleConnection('unavailable', 'A kept-alive connection was closed', {
      cause,
      reason,
    });
  }
  return timeoutCodes.has(cause)
    ? new Failure('timeout', 'No connection to EnviaAI in time', { cause, reason })
    : new Failure('unavailable', 'The connection to EnviaAI failed', { cause, reason });
}
