import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GraphQLError } from 'graphql';
import type { Clock } from '#src/domain/clock.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import { tokenExpired } from '#src/graphql/errors.ts';
import type { PendingResponse } from '#src/http/response/reply.ts';
import { type StreamFormat, streamHeadersOf } from './stream-format.ts';
import type { TimedStream } from './stream-timer.ts';

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
}

/** Whose stream it is. */
export interface StreamOwner {
  readonly tenant: Tenant;
  /** Null: the key has one caller. */
  readonly callerId: string | null;
  /** For how long the caller is authenticated, in milliseconds; null: for as long as the key is. */
  readonly validMs: number | null;
}

/** Called by one stream. */
export interface StreamListener {
  /** Events were skipped, and can be sent again: the client needs the whole state. */
  readonly onResync: (stream: OpenStream) => void;
  /** Called once, with the errors that the client got. */
  readonly onEnd: (stream: OpenStream, errors: readonly GraphQLError[]) => void;
}

/** What all streams have in common. */
export interface StreamRules {
  readonly clock: Pick<Clock, 'now' | 'setTimer'>;
  readonly lifetimeMs: () => number;
  /** The error of a stream that the server ends. */
  readonly endedError: (reason: 'LIFETIME' | 'TOO_SLOW') => GraphQLError;
  readonly onEvent: () => void;
  /** Called once for each stream, before its listener. */
  readonly onEnd: (stream: ResponseStream, reason: StreamEnd) => void;
}

export interface StreamRequest extends StreamOwner {
  readonly exchange: PendingResponse;
  readonly format: StreamFormat;
  /** Whether nobody may store what is sent. */
  readonly isSecret: boolean;
  readonly listener: StreamListener;
}

/** While this process has more bytes than that for a client, events are skipped. */
const maxUnsentBytes = 64 * 1024;

/** A stream is ended when its client has not read its events for this time. */
const maxSkippingMs = 30_000;

/** A client that does not read the end of its stream, either, loses its connection. */
const maxEndingMs = 5000;

/** The same when the process stops: it should be gone within two seconds. */
const maxStoppingMs = 1000;

/**
 * A class, since there can be 10,000 streams: an object of closures takes 500 bytes more. It has
 * nothing of the request.
 */
export class ResponseStream implements OpenStream, TimedStream {
  readonly tenant: Tenant;
  readonly callerId: string | null;
  readonly endsAt: number;
  slot = 0;
  readonly #isEndOfToken: boolean;
  readonly #rules: StreamRules;
  readonly #response: ServerResponse;
  readonly #format: StreamFormat;
  readonly #listener: StreamListener;
  #isEnded = false;
  /** Since an event was skipped, until the whole state was sent. */
  #isBehind = false;
  #cancelTooSlow: (() => void) | null = null;

  constructor({ exchange, format, listener, ...owner }: StreamRequest, rules: StreamRules) {
    const { validMs } = owner;
    const lifetimeMs = rules.lifetimeMs();
    this.tenant = owner.tenant;
    this.callerId = owner.callerId;
    this.#isEndOfToken = validMs !== null && validMs < lifetimeMs;
    this.endsAt = rules.clock.now() + Math.min(lifetimeMs, validMs ?? lifetimeMs);
    this.#rules = rules;
    this.#response = exchange.response;
    this.#format = format;
    this.#listener = listener;
    listenTo(this, exchange.response);
  }

  send(event: EncodedEvent): void {
    if (this.#isEnded) return;
    if (this.#isFull()) this.#skip();
    else if (!this.#isBehind) this.#write(event);
  }

  sendWhole(event: EncodedEvent): void {
    if (this.#isEnded) return;
    if (this.#isFull()) return this.#skip();
    this.#isBehind = false;
    this.#write(event);
  }

  end(reason: StreamEnd, errors: readonly GraphQLError[]): void {
    if (!this.#finish(reason, errors)) return;
    const response = this.#response;
    response.end(this.#format.end(errors.length === 0 ? null : JSON.stringify(errors)));
    const maxMs = reason === 'shutdown' ? maxStoppingMs : maxEndingMs;
    const cancel = this.#rules.clock.setTimer(maxMs, () => response.destroy());
    response.once('close', cancel);
  }

  heartbeat(): void {
    if (this.#isEnded || this.#response.writableNeedDrain) return;
    this.#response.write(this.#format.heartbeat);
  }

  expire(): void {
    if (this.#isEndOfToken) this.end('token', [tokenExpired()]);
    else this.end('lifetime', [this.#rules.endedError('LIFETIME')]);
  }

  drained(): void {
    if (!this.#cancelTooSlow || this.#isEnded) return;
    this.#cancelTooSlow();
    this.#cancelTooSlow = null;
    this.#listener.onResync(this);
  }

  closed(): void {
    this.#finish('client', []);
  }

  #isFull(): boolean {
    return this.#cancelTooSlow !== null || this.#response.writableLength > maxUnsentBytes;
  }

  #skip(): void {
    const { clock, endedError } = this.#rules;
    this.#isBehind = true;
    this.#cancelTooSlow ??= clock.setTimer(maxSkippingMs, () =>
      this.end('too_slow', [endedError('TOO_SLOW')]),
    );
  }

  #write(event: EncodedEvent): void {
    this.#response.write(event(this.#format));
    this.#rules.onEvent();
  }

  #finish(reason: StreamEnd, errors: readonly GraphQLError[]): boolean {
    if (this.#isEnded) return false;
    this.#isEnded = true;
    this.#cancelTooSlow?.();
    this.#rules.onEnd(this, reason);
    this.#listener.onEnd(this, errors);
    return true;
  }
}

/** In the scope of this function, closures keep no request in memory. */
function listenTo(stream: ResponseStream, response: ServerResponse): void {
  response.on('drain', () => stream.drained());
  response.on('close', () => stream.closed());
}

/** Opens the stream, with the headers and the first bytes. */
export function openStream(request: StreamRequest, rules: StreamRules): ResponseStream {
  const { exchange, format, isSecret } = request;
  const { response } = exchange;
  response.writeHead(200, { ...exchange.headers, ...streamHeadersOf(format, isSecret) });
  // Sent alone, the header is joined to one string, which Node keeps for as long as the response:
  // 1 KB less than its parts.
  response.flushHeaders();
  response.write(format.opening);
  releaseRequest(response.req);
  return new ResponseStream(request, rules);
}

/**
 * Frees what nobody reads any more: Node keeps a request for as long as its response. The headers
 * and the body of a browser take 2 to 4 KB.
 */
function releaseRequest(request: IncomingMessage): void {
  request.rawHeaders = [];
  request.headers = {};
  for (const event of ['data', 'end', 'error', 'close']) request.removeAllListeners(event);
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
