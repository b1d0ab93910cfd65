import { type ErrorCode, EnviaaiError } from './error.ts';

export type Token = string | (() => string | Promise<string>);

export interface Connection {
  readonly url: string;
  readonly token: Token | undefined;
  readonly fetch: typeof fetch;
}

export interface Question {
  readonly query: string;
  readonly variables: object;
  /** Past the server's memory. */
  readonly fresh: boolean;
  readonly signal: AbortSignal | undefined;
}

/** What an answer cost, and how old it is. */
export interface Answered {
  /** Requests to EnviaAI that this one caused; 0: the server's memory, or somebody else's call, had it. */
  readonly calls: number;
  /** How things stood at this moment, as ISO 8601; null: nothing was read. */
  readonly asOf: string | null;
  /** Whether some of it is older than the server calls fresh, as nothing newer could be had. */
  readonly stale: boolean;
  /** Rows and fields of it that could not be read; a row is then left out, a field null. */
  readonly errors: readonly EnviaaiError[];
}

export interface Answer<Data> extends Answered {
  readonly data: Data | null;
}

interface Told {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: {
    readonly code?: string;
    readonly retryAfter?: number;
    readonly upstreamCode?: string;
  };
}

interface Body<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly Told[];
  readonly extensions?: { readonly enviaai?: Omit<Answered, 'errors'> };
}

// Of an answer that is no GraphQL: somebody between here and the server gave it.
const codeByStatus = new Map<number, ErrorCode>([
  [401, 'UNAUTHENTICATED'],
  [403, 'FORBIDDEN'],
  [429, 'RATE_LIMITED'],
  [502, 'UNREACHABLE'],
  [503, 'UNREACHABLE'],
  [504, 'UNREACHABLE'],
]);

/** Asks once, for one field. */
export async function ask<Data>(to: Connection, question: Question): Promise<Answer<Data>> {
  const { response, text } = await exchange(to, question);
  const requestId = response.headers.get('x-request-id');
  const body = parse(text);
  if (!isBody<Data>(body)) {
    const { status } = response;
    const retryAfter = secondsOf(response.headers.get('retry-after'));
    const code = codeByStatus.get(status) ?? 'INVALID_RESPONSE';
    throw new EnviaaiError(`The answer, with status ${status}, is not one of GraphQL`, {
      code,
      retryAfter,
      requestId,
    });
  }
  const errors = (body.errors ?? []).map(
    ({ message, path, extensions }) =>
      new EnviaaiError(message, {
        code: 'INTERNAL_SERVER_ERROR',
        requestId,
        path: path ?? null,
        ...extensions,
      }),
  );
  // Each question is for one field: without that there is no answer, with holes further in there is.
  const failure = errors.find(({ path }) => path === null || path.length < 2);
  if (failure) throw failure;
  const cost = { calls: 0, asOf: null, stale: false, ...body.extensions?.enviaai };
  return { data: body.data ?? null, ...cost, errors };
}

async function exchange({ url, token, fetch }: Connection, question: Question) {
  const { query, variables, fresh, signal } = question;
  signal?.throwIfAborted();
  const bearer = typeof token === 'function' ? await token() : token;
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        accept: 'application/graphql-response+json, application/json',
        'content-type': 'application/json',
        ...(bearer && { authorization: `Bearer ${bearer}` }),
        ...(fresh && { 'cache-control': 'no-cache' }),
      },
      body: JSON.stringify({ query, variables }),
      ...(signal && { signal }),
    });
    return { response, text: await response.text() };
  } catch (cause) {
    signal?.throwIfAborted();
    throw new EnviaaiError('The server cannot be reached', { code: 'UNREACHABLE' }, { cause });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isBody<Data>(body: unknown): body is Body<Data> {
  if (typeof body !== 'object' || body === null) return false;
  return 'data' in body || ('errors' in body && Array.isArray(body.errors));
}

function secondsOf(header: string | null): number | null {
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) : null;
}
