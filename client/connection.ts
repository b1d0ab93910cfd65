import { throwIfAborted } from './abort.ts';
import { type ErrorCode, type ErrorFacts, EnviaaiError } from './error.ts';

export type Token = string | (() => string | Promise<string>);

export interface Connection {
  readonly url: string;
  readonly token: Token | undefined;
  readonly fetch: typeof fetch;
}

export interface Query {
  readonly query: string;
  readonly variables: object;
  /** Skips the server's cache. */
  readonly fresh: boolean;
  readonly signal: AbortSignal | undefined;
  /** A lost response leaves open whether the server executed it. */
  readonly isWrite?: boolean;
}

/** `extensions.enviaai` of a response: its cost and its age. */
export interface EnviaaiExtensions {
  /**
   * Requests to EnviaAI that this call caused; 0: the server used its cache, or shared another
   * call.
   */
  readonly calls: number;
  /**
   * When the oldest upstream call behind the answer was sent, as ISO 8601; null: nothing was read.
   */
  readonly asOf: string | null;
  /** Whether some of the data is older than the server's limit for fresh data (`FRESH_MS`). */
  readonly stale: boolean;
  /** Requests left of the key's budget; null: not known. */
  readonly remaining: number | null;
}

/** Cost and age of an answer, and what is missing in it. */
export interface Answered extends EnviaaiExtensions {
  /** Rows and fields that could not be read: such a row is left out, such a field is null. */
  readonly errors: readonly EnviaaiError[];
}

export interface Answer<Data> extends Answered {
  readonly data: Data | null;
}

interface GraphqlError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: {
    readonly code?: string;
    readonly retryAfter?: number;
    readonly upstreamCode?: string;
  };
}

export interface GraphqlBody<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly GraphqlError[];
  readonly extensions?: { readonly enviaai?: Partial<EnviaaiExtensions> };
}

// For a response that is not GraphQL, such as a proxy's or a load balancer's.
const codeByStatus = new Map<number, ErrorCode>([
  [401, 'UNAUTHENTICATED'],
  [403, 'FORBIDDEN'],
  [429, 'RATE_LIMITED'],
  [502, 'UNREACHABLE'],
  [503, 'UNREACHABLE'],
  [504, 'UNREACHABLE'],
]);

/** Sends an operation with one root field, without retries. */
export async function sendQuery<Data>(connection: Connection, query: Query): Promise<Answer<Data>> {
  const response = await post(connection, query, jsonTypes);
  const text = await whileConnected(query, () => response.text());
  const body = parseJson(text);
  if (!isGraphqlBody<Data>(body)) throw notGraphql(response, query);
  const errors = errorsOf(body, response);
  throwFailure(errors);
  const unknown = { calls: 0, asOf: null, stale: false, remaining: null };
  const cost = { ...unknown, ...body.extensions?.enviaai };
  return { data: body.data ?? null, ...cost, errors };
}

const jsonTypes = 'application/graphql-response+json, application/json';

/** Sends an operation. Rejects with the signal's reason, or as UNREACHABLE. */
export async function post(
  { url, token, fetch }: Connection,
  request: Query,
  accept: string,
): Promise<Response> {
  const { query, variables, fresh, signal } = request;
  throwIfAborted(signal);
  const bearer = typeof token === 'function' ? await token() : token;
  return whileConnected(request, () =>
    fetch(url, {
      method: 'POST',
      headers: {
        accept,
        'content-type': 'application/json',
        ...(bearer && { authorization: `Bearer ${bearer}` }),
        ...(fresh && { 'cache-control': 'no-cache' }),
      },
      body: JSON.stringify({ query, variables }),
      ...(signal && { signal }),
    }),
  );
}

/** Rejects with the signal's reason, or as UNREACHABLE. */
async function whileConnected<T>({ signal, isWrite }: Query, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    throwIfAborted(signal);
    if (isWrite) throw outcomeUnknown({}, { cause });
    throw new EnviaaiError('The server cannot be reached.', { code: 'UNREACHABLE' }, { cause });
  }
}

/** `fetch` does not report whether a request was sent before it failed. */
const outcomeUnknown = (facts: Omit<ErrorFacts, 'code'>, options?: { cause: unknown }) =>
  new EnviaaiError(
    'No response says whether the change was made: read the instance before you try again.',
    { code: 'OUTCOME_UNKNOWN', ...facts },
    options,
  );

export function errorsOf(
  { errors = [] }: Pick<GraphqlBody<unknown>, 'errors'>,
  { headers }: Response,
): EnviaaiError[] {
  const requestId = headers.get('x-request-id');
  return errors.map(
    ({ message, path, extensions }) =>
      new EnviaaiError(message, {
        code: 'INTERNAL_SERVER_ERROR',
        requestId,
        path: path ?? null,
        ...extensions,
      }),
  );
}

/** An error of the root field fails an operation; errors below it leave gaps in the answer. */
export function throwFailure(errors: readonly EnviaaiError[]): void {
  const failure = errors.find(({ path }) => path === null || path.length < 2);
  if (failure) throw failure;
}

/** The failure of a response from a proxy, a load balancer or another server. */
export function notGraphql({ status, headers }: Response, { isWrite }: Query): EnviaaiError {
  const requestId = headers.get('x-request-id');
  // A proxy that answers with a 4xx has not passed the request on.
  if (isWrite && (status < 400 || status > 499)) return outcomeUnknown({ requestId });
  return new EnviaaiError(`The response, with status ${status}, is not a GraphQL response.`, {
    code: codeByStatus.get(status) ?? 'INVALID_RESPONSE',
    retryAfter: secondsOf(headers.get('retry-after')),
    requestId,
  });
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isGraphqlBody<Data>(body: unknown): body is GraphqlBody<Data> {
  if (typeof body !== 'object' || body === null) return false;
  return 'data' in body || ('errors' in body && Array.isArray(body.errors));
}

/** Reads a `Retry-After` in seconds; null: there is none, or it is a date. */
function secondsOf(header: string | null): number | null {
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) : null;
}
