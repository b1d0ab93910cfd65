import { HttpError } from '#src/http/response/http-error.ts';

const responseTypes = ['application/json', 'application/graphql-response+json'] as const;

/** The media types of a response. */
export type ResponseType = (typeof responseTypes)[number];

/** For a browser that finds no page: the same in every configuration. */
export const aboutGraphiQL =
  'GraphiQL, the page for browsers, is there only where it is switched on.';

/** Whether the client is a browser that can show a page. */
export const acceptsHtml = (accept: string | undefined): boolean =>
  rangesOf(accept).some(({ type }) => type === 'text/html');

/**
 * The media type of the response to a request with this `Accept`: the one with the highest q, the first
 * of equals, `application/json` for a wildcard. Refuses a request that accepts neither, before it costs a call.
 */
export function responseTypeOf(accept: string | undefined): ResponseType {
  const ranges = rangesOf(accept);
  if (ranges.length === 0) return 'application/json';
  const served = ranges.flatMap(({ type, q }) => {
    const responseType = servedAs(type);
    return responseType && q > 0 ? [{ responseType, q }] : [];
  });
  const [best] = served.toSorted((a, b) => b.q - a.q);
  if (best) return best.responseType;
  const hint = acceptsHtml(accept) ? ` ${aboutGraphiQL}` : '';
  throw new HttpError(406, `Answers are ${responseTypes.join(' or ')}.${hint}`);
}

function servedAs(range: string): ResponseType | undefined {
  if (range === '*/*' || range === 'application/*') return 'application/json';
  return responseTypes.find((type) => type === range);
}

interface MediaRange {
  readonly type: string;
  /** From 0, not acceptable, to 1. */
  readonly q: number;
}

const rangesOf = (accept = ''): readonly MediaRange[] =>
  accept
    .split(',')
    .map((range) => {
      const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
      const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
      return { type, q: q === undefined ? 1 : Number(q) || 0 };
    })
    .filter(({ type }) => type !== '');
