import { onTestFinished } from 'vitest';

/** A result, and when it came. */
export interface Arrival {
  // Each test states the shape it expects.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly result: any;
  readonly at: number;
}

/** A stream as a client reads it, byte by byte. */
export interface StreamClient {
  readonly status: number;
  readonly headers: Headers;
  /** All that has come so far. */
  readonly text: () => string;
  /** The results that have come so far, in either format. */
  readonly arrivals: readonly Arrival[];
  readonly results: () => Arrival['result'][];
  readonly isEnded: () => boolean;
  /** Resolves to the whole text when the server ends the stream. */
  readonly ended: Promise<string>;
  /** Disconnects. */
  leave(): void;
}

export const eventStream = 'text/event-stream';
export const multipart = 'multipart/mixed;boundary=graphql;subscriptionSpec=1.0';

export interface StreamOptions {
  readonly accept?: string;
  readonly variables?: object;
  readonly headers?: Record<string, string>;
  /** The clock of the arrivals. */
  readonly now?: () => number;
}

/** Sends an operation and reads its stream, with the key "test" unless the headers have another. */
export async function openStream(
  url: string,
  query: string,
  { accept = eventStream, variables = {}, headers = {}, now = Date.now }: StreamOptions = {},
): Promise<StreamClient> {
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: 'Bearer test',
      accept,
      ...headers,
    },
    body: JSON.stringify({ query, variables }),
    signal: controller.signal,
  });
  const resultsIn = resultsOf(accept);
  const arrivals: Arrival[] = [];
  let text = '';
  let isEnded = false;
  const read = async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      const news = resultsIn(text).slice(arrivals.length);
      arrivals.push(...news.map((result) => ({ result, at: now() })));
    }
    isEnded = true;
    return text;
  };
  const ended = read();
  ended.catch(() => {});
  return {
    status: response.status,
    headers: response.headers,
    text: () => text,
    arrivals,
    results: () => arrivals.map(({ result }) => result),
    isEnded: () => isEnded,
    ended,
    leave: () => controller.abort(),
  };
}

/** Parses the results that a text has, in the format that the client accepts. */
export const resultsOf = (accept: string): ((text: string) => Arrival['result'][]) =>
  accept === eventStream ? eventsIn : partsIn;

const eventsIn = (text: string): Arrival['result'][] =>
  [...text.matchAll(/^event: next\ndata: (.*)\n\n/gm)].map(([, json = '']) => JSON.parse(json));

const partsIn = (text: string): Arrival['result'][] =>
  text
    .split('\r\n--graphql')
    .slice(1, -1)
    .map((part) => JSON.parse(part.slice(part.indexOf('\r\n\r\n'))))
    .filter((part) => 'payload' in part)
    .map(({ payload, errors }) => ({ ...payload, ...(errors && { errors }) }));
