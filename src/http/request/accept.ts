import { textMemo } from '#src/domain/text-memo.ts';
import { HttpError } from '#src/http/response/http-error.ts';
import { qualityValuesOf } from './quality-values.ts';

const responseTypes = ['application/json', 'application/graphql-response+json'] as const;

/** The media type of a GraphQL response. */
export type ResponseType = (typeof responseTypes)[number];

interface Accepted {
  /** Whether the header names no media type: the client accepts all. */
  readonly isEmpty: boolean;
  /** The media types that this server can answer with, the client's preferred one first. */
  readonly types: readonly (ResponseType | 'text/html')[];
}

function parseAccept(accept: string): Accepted {
  const values = qualityValuesOf(accept);
  const types = values
    .flatMap(({ value, q }) => {
      const type = value === 'text/html' ? ('text/html' as const) : responseTypeOfRange(value);
      return type && q > 0 ? [{ type, q }] : [];
    })
    .toSorted((a, b) => b.q - a.q)
    .map(({ type }) => type);
  return { isEmpty: values.length === 0, types };
}

const acceptedOf = textMemo(parseAccept, { maxEntries: 100, maxLength: 512 });

/** Whether the client is a browser that can show a page. */
export const acceptsHtml = (accept = ''): boolean => acceptedOf(accept).types.includes('text/html');

/** Whether the client would rather show a page than read JSON: a browser's address bar. */
export const prefersHtml = (accept = ''): boolean => acceptedOf(accept).types[0] === 'text/html';

/**
 * The media type of the response to a request with this `Accept` header: the one with the highest
 * q, the first of several with the same q, and `application/json` for a wildcard. Throws a 406
 * error, with the hint, if the client accepts neither, before the operation can cost an upstream
 * call.
 */
export function responseTypeOf(accept = '', hint = ''): ResponseType {
  const { isEmpty, types } = acceptedOf(accept);
  if (isEmpty) return 'application/json';
  const best = types.find((type) => type !== 'text/html');
  if (best) return best;
  throw new HttpError(406, `The Accept header must allow ${responseTypes.join(' or ')}.${hint}`);
}

/** The media type of an error response: JSON also for a client that does not accept it. */
export const errorTypeOf = (accept = ''): ResponseType =>
  acceptedOf(accept).types.find((type) => type !== 'text/html') ?? 'application/json';

function responseTypeOfRange(range: string): ResponseType | undefined {
  if (range === '*/*' || range === 'application/*') return 'application/json';
  return responseTypes.find((type) => type === range);
}
