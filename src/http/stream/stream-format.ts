import type { HeaderFields } from '#src/http/response/reply.ts';

/** How the results of an operation are written to a response that stays open. */
export interface StreamFormat {
  readonly contentType: string;
  /** The first bytes, so that the client and all proxies see that the stream is open. */
  readonly opening: string;
  /** Bytes without a meaning, against timeouts of silent connections. */
  readonly heartbeat: string;
  /** A result, as JSON. */
  event(json: string): string;
  /** The end; `errors` is a JSON list of the errors that end it, null: it has ended by itself. */
  end(errors: string | null): string;
}

const event = (json: string) => `event: next\ndata: ${json}\n\n`;

/**
 * Server-sent events, in the distinct connections mode of graphql-sse. The empty `data` of the last
 * event is there for `EventSource`, which does not dispatch an event without data.
 */
const serverSentEvents: StreamFormat = {
  contentType: 'text/event-stream; charset=utf-8',
  opening: ':\n\n',
  heartbeat: ':\n\n',
  event,
  end: (errors) =>
    `${errors === null ? '' : event(`{"errors":${errors}}`)}event: complete\ndata:\n\n`,
};

const part = (json: string) => `\r\ncontent-type: application/json\r\n\r\n${json}\r\n--graphql`;

/**
 * Apollo's multipart protocol for subscriptions over HTTP, 1.0. Each part ends with the boundary of
 * the next one, since clients read a part when its boundary has come.
 */
const multipart: StreamFormat = {
  contentType: 'multipart/mixed;boundary="graphql";subscriptionSpec="1.0"',
  opening: '\r\n--graphql',
  heartbeat: part('{}'),
  event: (json) => part(`{"payload":${json}}`),
  end: (errors) => `${errors === null ? '' : part(`{"payload":null,"errors":${errors}}`)}--\r\n`,
};

export const streamFormats = {
  'text/event-stream': serverSentEvents,
  'multipart/mixed': multipart,
} as const satisfies Record<string, StreamFormat>;

export type StreamType = keyof typeof streamFormats;

/** The headers of a stream. `no-transform`: a proxy that compresses would hold back events. */
export const streamHeadersOf = (
  { contentType }: StreamFormat,
  isSecret: boolean,
): HeaderFields => ({
  'content-type': contentType,
  'cache-control': `${isSecret ? 'no-store' : 'no-cache'}, no-transform`,
  // nginx.
  'x-accel-buffering': 'no',
});
