import { HttpError } from '#src/http/response/http-error.ts';
import { qualityValuesOf } from './quality-values.ts';

const responseTypes = ['application/json', 'application/graphql-response+json'] as const;

/** The media type of a GraphQL response. */
export type ResponseType = (typeof responseTypes)[number];

/**
 * Part of the errors that browsers get in place of GraphiQL. The text is the same whether GraphiQL is
 * enabled or not, so that it does not tell how the server is configured.
 */
export const graphiqlHint = 'GraphiQL is served to browsers only if it is enabled.';

/** Whether the client is a browser that can show a page. */
export const acceptsHtml = (accept: string | undefined): boolean =>
  qualityValuesOf(accept).some(({ value }) => value === 'text/html');

/**
 * The media type of the response to a request with this `Accept` header: the one with the highest
 * q, the first of several with the same q, and `application/json` for a wildcard. Throws a 406
 * error if the client accepts neither, before the operation can cost an upstream call.
 */
export function responseTypeOf(accept: string | undefined): ResponseType {
  const ranges = qualityValuesOf(accept);
  if (ranges.length === 0) return 'application/json';
  const accepted = ranges.flatMap(({ value, q }) => {
    const responseType = responseTypeOfRange(value);
    return responseType && q > 0 ? [{ responseType, q }] : [];
  });
  const [best] = accepted.toSorted((a, b) => b.q - a.q);
  if (best) return best.responseType;
  const hint = acceptsHtml(accept) ? ` ${graphiqlHint}` : '';
  throw new HttpError(406, `The Accept header must allow ${responseTypes.join(' or ')}.${hint}`);
}

function responseTypeOfRange(range: string): ResponseType | undefined {
  if (range === '*/*' || range === 'application/*') return 'application/json';
  return responseTypes.find((type) => type === range);
}
