import type { GraphQLError } from 'graphql';
import type { Clock } from '#src/domain/clock.ts';
import type { PendingResponse } from '#src/http/response/reply.ts';
import { type StreamFormat, streamHeadersOf } from './stream-format.ts';

/** An event as bytes of each format, for all streams that get it. */
export type EncodedEvent = (format: StreamFormat) => Buffer;

/** Why a stream has ended, for the metrics. */
export const streamEnds = [
  'client',
  'complete',
  'error',
  'lifetime',
  'shutdown',
  'token',
  'too_slow',
] as const;
export type StreamEnd = (typeof streamEnds)[number];

/** One response that stays open. */
export interface OpenStream {
  /** Sends an event, unless too much of earlier ones is unsent. */
  send(event: EncodedEvent): void;
  /** The same with the whole state. After a skipped event, no other one is sent before it. */
  sendWhole(event: EncodedEvent): void;
  /** Ends it, with the errors that the client gets. */
  end(reason: StreamEnd, errors: readonly GraphQLError[]): void;
  heartbeat(): void;
}

export interface EndedStream {
  readonly stream: OpenStream;
  readonly reason: StreamEnd;
  /** The errors that the client got. */
  readonly errors: readonly GraphQLError[];
}

export interface OpenStreamOptions {
  readonly exchange: PendingResponse;
  readonly format: StreamFormat;
  /** Whether nobody may store what is sent. */
  readonly isSecret: boolean;
  readonly clock: Pick<Clock, 'setTimer'>;
  /** The error of a client that reads too slowly. */
  readonly tooSlow: () => GraphQLError;
  /** Events were skipped, and can be sent again: the client needs the whole state. */
  readonly onResync: (stream: OpenStream) => void;
  readonly onEvent: () => void;
  /** Called once. */
  readonly onEnd: (ended: EndedStream) => void;
}

/** While this process has more bytes than that for a client, events are skipped. */
const maxUnsentBytes = 64 * 1024;

/** A stream is ended when its client has not read its events for this time. */
const maxSkippingMs = 30_000;

/** A client that does not read the end of its stream, either, loses its connection. */
const maxEndingMs = 5000;

/** Opens the stream, with the headers and the first bytes. */
export function openStream(options: OpenStreamOptions): OpenStream {
  const { exchange, format, clock } = options;
  const { response } = exchange;
  let isEnded = false;
  /** Since an event was skipped, until the whole state was sent. */
  let isBehind = false;
  let cancelTooSlow: (() => void) | null = null;

  const finish = (reason: StreamEnd, errors: readonly GraphQLError[]): boolean => {
    if (isEnded) return false;
    isEnded = true;
    cancelTooSlow?.();
    options.onEnd({ stream, reason, errors });
    return true;
  };
  const isFull = () => cancelTooSlow !== null || response.writableLength > maxUnsentBytes;
  const skip = () => {
    isBehind = true;
    cancelTooSlow ??= clock.setTimer(maxSkippingMs, () =>
      stream.end('too_slow', [options.tooSlow()]),
    );
  };
  const write = (event: EncodedEvent) => {
    response.write(event(format));
    options.onEvent();
  };
  const stream: OpenStream = {
    send(event) {
      if (isEnded) return;
      if (isFull()) skip();
      else if (!isBehind) write(event);
    },
    sendWhole(event) {
      if (isEnded) return;
      if (isFull()) return skip();
      isBehind = false;
      write(event);
    },
    end(reason, errors) {
      if (!finish(reason, errors)) return;
      response.end(format.end(errors.length === 0 ? null : JSON.stringify(errors)));
      const cancel = clock.setTimer(maxEndingMs, () => response.destroy());
      response.once('close', cancel);
    },
    heartbeat() {
      if (!isEnded && !response.writableNeedDrain) response.write(format.heartbeat);
    },
  };
  response.on('drain', () => {
    if (!cancelTooSlow || isEnded) return;
    cancelTooSlow();
    cancelTooSlow = null;
    options.onResync(stream);
  });
  response.once('close', () => finish('client', []));
  response.writeHead(200, { ...exchange.headers, ...streamHeadersOf(format, options.isSecret) });
  response.write(format.opening);
  return stream;
}

/** Answers a request for a stream with its end. */
export function refuseStream(
  { response, headers }: PendingResponse,
  format: StreamFormat,
  errors: readonly GraphQLError[],
): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(200, { ...headers, ...streamHeadersOf(format, true) });
  response.end(format.opening + format.end(JSON.stringify(errors)));
}
