import { Failure } from '#src/domain/failure.ts';
import { isRefusal } from '#src/enviaai/response/action-fields.ts';
import {
  failureOf,
  isKnownErrorStatus,
  isNotFound,
  notFoundCode,
} from '#src/enviaai/response/error-response.ts';
import { jsonOf } from '#src/enviaai/response/json-fields.ts';
import { outcomeUnknown } from '#src/enviaai/response/outcome-unknown.ts';
import type { ResponseTimes } from '#src/enviaai/response/rate-limit-headers.ts';
import type { CallResult } from './call.ts';
import { decodeBody, errorJsonOf, jsonIn } from './decode-body.ts';
import type { HttpResponse } from './http-send.ts';

/** How the response to a call is read that is no page and no row of the cache. */
export interface ActionReader<T> {
  /** Undefined: the response cannot be read. */
  readonly parse: (json: unknown) => T | undefined;
  /** The refusal which says that the wanted state exists already, and the result then. */
  readonly done?: { readonly code: string; readonly value: T };
  /** The call is about one instance, which may not exist. */
  readonly hasId: boolean;
}

export interface WriteReader<T> extends ActionReader<T> {
  /**
   * The result of a 2xx response that cannot be read; undefined: nothing says then what was done,
   * and the call fails as `outcome-unknown`.
   */
  readonly unreadable?: { readonly value: T };
}

/** Reads the response to a GET. Throws the failure that it means. */
export function readState<T>(
  reader: ActionReader<T>,
  response: HttpResponse,
  times: ResponseTimes,
): CallResult<T> {
  const { status, headers, broken } = response;
  if (status >= 300 && broken && !isKnownErrorStatus(status)) throw broken;
  const json = status < 300 ? jsonOf(decodeBody(response)) : errorJsonOf(response);
  if (status >= 300 || isRefusal(json)) {
    return readRefusal(reader, failureOf({ status, headers, json, ...times }), json);
  }
  const value = reader.parse(json);
  if (value !== undefined) return { value };
  throw new Failure('malformed', 'The response of EnviaAI does not have the documented fields');
}

/**
 * Reads the response to a write. Throws `outcome-unknown` if EnviaAI may have done it in spite of
 * the response, and else the failure that the response means.
 */
export function readWrite<T>(
  reader: WriteReader<T>,
  response: HttpResponse,
  times: ResponseTimes,
): CallResult<T> {
  const { status, headers, broken } = response;
  const json = status < 300 ? jsonIn(response) : errorJsonOf(response);
  if (status < 300 && !isRefusal(json)) {
    const value = json === undefined ? undefined : reader.parse(json);
    if (value !== undefined) return { value };
    if (reader.unreadable) return reader.unreadable;
    const reason = broken?.reason;
    throw outcomeUnknown(
      new Failure('malformed', 'The response of EnviaAI cannot be read', { status, reason }),
    );
  }
  const failure = failureOf({ status, headers, json, ...times });
  if (status >= 500 || isProxyTimeout(failure)) throw outcomeUnknown(failure);
  return readRefusal(reader, failure, json);
}

/** A 408 that is not EnviaAI's: a proxy can have passed the request on before. */
const isProxyTimeout = ({ status, upstreamCode }: Failure): boolean =>
  status === 408 && upstreamCode === undefined;

function readRefusal<T>(
  { done, hasId }: ActionReader<T>,
  failure: Failure,
  json: unknown,
): CallResult<T> {
  const { kind, message, status, upstreamCode, upstreamRequestId } = failure;
  if (kind === 'refused' && done && done.code === upstreamCode) {
    return { value: done.value, refusal: failure };
  }
  // A 404 in EnviaAI's envelope that has no code means the same.
  if (!hasId || upstreamCode !== undefined || !isNotFound(failure, json)) throw failure;
  throw new Failure(kind, message, { status, upstreamCode: notFoundCode, upstreamRequestId });
}
