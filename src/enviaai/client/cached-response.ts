import {
  failureOf,
  isErrorEnvelope,
  isKnownErrorStatus,
  isNotFound,
} from '#src/enviaai/response/error-response.ts';
import { jsonOf } from '#src/enviaai/response/json-fields.ts';
import type { ResponseTimes } from '#src/enviaai/response/rate-limit-headers.ts';
import type { CallResult } from './call.ts';
import { decodeBody, errorJsonOf } from './decode-body.ts';
import type { HttpResponse } from './http-send.ts';

export interface CachedReader<T> {
  /** An earlier response to the same call, which is returned itself if the bytes are equal. */
  readonly known: T | undefined;
  /** The result if EnviaAI reports that there is no such instance; null: the call fails then. */
  readonly notFound: T | null;
  readonly parse: (bytes: Buffer, json: unknown) => T;
}

/** Reads the response to a call whose result is cached. Throws the failure that an error means. */
export function readCached<T extends { readonly bytes: Buffer }>(
  { known, notFound, parse }: CachedReader<T>,
  response: HttpResponse,
  times: ResponseTimes,
): CallResult<T> {
  const { status, headers } = response;
  let json: unknown;
  if (status < 300) {
    const bytes = decodeBody(response, known?.bytes);
    if (bytes === known?.bytes) return { value: known };
    json = jsonOf(bytes);
    if (!isErrorEnvelope(json)) return { value: parse(bytes, json) };
  } else {
    if (response.broken && !isKnownErrorStatus(status)) throw response.broken;
    json = errorJsonOf(response);
  }

  const failure = failureOf({ status, headers, json, ...times });
  if (notFound === null || !isNotFound(failure, json)) throw failure;
  const value = known?.bytes.equals(notFound.bytes) ? known : notFound;
  return { value, refusal: failure, outcome: 'not-found' };
}
