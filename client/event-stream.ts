import { throwIfAborted } from './abort.ts';
import {
  type Connection,
  type Query,
  errorsOf,
  isGraphqlBody,
  notGraphql,
  parseJson,
  post,
  throwFailure,
} from './connection.ts';
import { EnviaaiError } from './error.ts';
import type { Sleep } from './retry.ts';
import { createEventParser } from './server-sent-events.ts';

/** The server sends a byte every 12 s: after this silence, the connection is broken. */
const silenceMs = 45_000;

export interface EventStreamParts {
  readonly connection: Connection;
  readonly sleep: Sleep;
}

export type Subscription = Omit<Query, 'fresh' | 'isWrite'>;

/**
 * The results of a subscription, in the distinct connections mode of graphql-sse, until the server
 * completes it. A stream that breaks or is silent rejects as UNREACHABLE.
 */
export async function* readEventStream<Data>(
  { connection, sleep }: EventStreamParts,
  { signal, ...subscription }: Subscription,
): AsyncGenerator<Data, void, undefined> {
  throwIfAborted(signal);
  const ended = new AbortController();
  const end = () => ended.abort();
  signal?.addEventListener('abort', end);
  const request = { ...subscription, fresh: false, signal: ended.signal };
  try {
    const response = await beforeSilence(post(connection, request, 'text/event-stream'), sleep);
    if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
      throw await refusalOf(response, request);
    }
    const reader = response.body?.getReader();
    if (!reader) throw streamUnsupported();
    const decoder = new TextDecoder();
    const parse = createEventParser();
    for (;;) {
      const { done, value } = await beforeSilence(reader.read(), sleep);
      if (done) throw broken();
      for (const { event, data } of parse(decoder.decode(value, { stream: true }))) {
        if (event === 'complete') return;
        if (event !== 'next') continue;
        const body = parseJson(data);
        if (!isGraphqlBody<Data>(body)) throw notGraphql(response, request);
        const errors = errorsOf(body, response);
        throwFailure(errors);
        if (body.data) yield body.data;
        else if (errors[0]) throw errors[0];
      }
    }
  } catch (error) {
    throwIfAborted(signal);
    throw error instanceof EnviaaiError ? error : broken(error);
  } finally {
    signal?.removeEventListener('abort', end);
    end();
  }
}

async function beforeSilence<T>(read: Promise<T>, sleep: Sleep): Promise<T> {
  const heard = new AbortController();
  const silence = sleep(silenceMs, heard.signal).then(
    () => Promise.reject(broken()),
    // The wait was ended: `read` decides.
    () => read,
  );
  try {
    return await Promise.race([read, silence]);
  } finally {
    heard.abort();
  }
}

/** The failure of a response that is no stream. */
async function refusalOf(response: Response, request: Query): Promise<EnviaaiError> {
  const body = parseJson(await response.text());
  const [failure] = isGraphqlBody(body) ? errorsOf(body, response) : [];
  return failure ?? notGraphql(response, request);
}

const broken = (cause?: unknown) =>
  new EnviaaiError('The stream is broken.', { code: 'UNREACHABLE' }, { cause });

export const streamUnsupported = () =>
  new EnviaaiError(
    'The `fetch` of this platform has no streams, which `connect` needs: pass one that has as `fetch`.',
    { code: 'STREAM_UNSUPPORTED' },
  );
