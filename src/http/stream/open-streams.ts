import type { GraphQLError } from 'graphql';
import { type Clock, repeat } from '#src/domain/clock.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import { limitExceeded, streamEnded, tokenExpired } from '#src/graphql/errors.ts';
import {
  type OpenStream,
  openStream,
  type OpenStreamOptions,
  type StreamEnd,
} from './open-stream.ts';
import { createTally } from './tally.ts';

/** How many streams there may be, and for how long. */
export interface StreamLimits {
  /** Of this process; one key may have half of them. */
  readonly maxStreams: number;
  /** Of one caller, where callers share a key. */
  readonly streamsPerCaller: number;
  /** Give or take a tenth. */
  readonly lifetimeMs: number;
}

/** Whose stream it is. */
export interface StreamOwner {
  readonly tenant: Tenant;
  /** Null: the key has one caller. */
  readonly callerId: string | null;
  /** For how long the caller is authenticated, in milliseconds; null: for as long as the key is. */
  readonly validMs: number | null;
}

export type StreamRequest = StreamOwner &
  Pick<OpenStreamOptions, 'exchange' | 'format' | 'isSecret' | 'onResync' | 'onEnd'>;

export interface StreamEvents {
  readonly onEvent: () => void;
  readonly onEnd: (reason: StreamEnd) => void;
}

/** All open streams of this process. */
export interface OpenStreams {
  /** Opens a stream; or returns the error for which there is none. */
  open(request: StreamRequest): OpenStream | GraphQLError;
  /** Ends all streams: the process stops. */
  readonly shutDown: () => void;
  readonly count: () => number;
}

export interface OpenStreamsOptions {
  readonly limits: StreamLimits;
  readonly clock: Pick<Clock, 'setTimer'>;
  /** 0 to 1. */
  readonly random: () => number;
  readonly events: StreamEvents;
}

/** Proxies close connections that are silent for 15 s and more. */
const heartbeatSeconds = 12;
const secondMs = 1000;

/** Upper bound of `retryAfter`, in seconds: it spreads clients whose streams end together. */
const maxRetrySeconds = 15;

export function createOpenStreams(options: OpenStreamsOptions): OpenStreams {
  const { limits, clock, random, events } = options;
  const streams = new Set<OpenStream>();
  const byTenant = createTally<Tenant>();
  const byCaller = createTally<string>();
  // Each stream has its second of the interval, so that not all are written to at once.
  const slots = Array.from({ length: heartbeatSeconds }, () => new Set<OpenStream>());
  let second = 0;
  let stopHeartbeat: (() => void) | null = null;
  let isStopping = false;

  const endedError = (reason: 'SHUTDOWN' | 'LIFETIME' | 'TOO_SLOW') =>
    streamEnded(reason, 1 + Math.floor(random() * maxRetrySeconds));

  function exceededLimit({ tenant, callerId }: StreamOwner): GraphQLError | null {
    const { maxStreams, streamsPerCaller } = limits;
    const ofKey = Math.max(1, Math.floor(maxStreams / 2));
    if (streams.size >= maxStreams || byTenant.count(tenant) >= ofKey) {
      return limitExceeded('LIVE_MAX_STREAMS', 'Too many subscriptions are open. Try again later.');
    }
    if (callerId === null || byCaller.count(callerId) < streamsPerCaller) return null;
    return limitExceeded(
      'LIVE_STREAMS_PER_CALLER',
      `You have ${streamsPerCaller} open subscriptions, which is the limit. Close one first.`,
    );
  }

  function heartbeat(): void {
    second = (second + 1) % slots.length;
    for (const stream of slots[second] ?? []) stream.heartbeat();
  }

  function add(stream: OpenStream, { tenant, callerId }: StreamOwner): () => void {
    streams.add(stream);
    const slot = slots[(second + streams.size) % slots.length];
    slot?.add(stream);
    const removals = [byTenant.add(tenant), ...(callerId === null ? [] : [byCaller.add(callerId)])];
    stopHeartbeat ??= repeat(clock.setTimer, secondMs, heartbeat);
    return () => {
      streams.delete(stream);
      slot?.delete(stream);
      for (const remove of removals) remove();
      if (streams.size > 0) return;
      stopHeartbeat?.();
      stopHeartbeat = null;
    };
  }

  return {
    open(request) {
      if (isStopping) return endedError('SHUTDOWN');
      const exceeded = exceededLimit(request);
      if (exceeded) return exceeded;
      let remove = () => {};
      let cancelEnd = () => {};
      const stream = openStream({
        ...request,
        clock,
        tooSlow: () => endedError('TOO_SLOW'),
        onEvent: events.onEvent,
        onEnd(ended) {
          remove();
          cancelEnd();
          events.onEnd(ended.reason);
          request.onEnd(ended);
        },
      });
      remove = add(stream, request);
      const lifetimeMs = limits.lifetimeMs * (0.9 + random() * 0.2);
      const { validMs } = request;
      cancelEnd =
        validMs !== null && validMs < lifetimeMs
          ? clock.setTimer(validMs, () => stream.end('token', [tokenExpired()]))
          : clock.setTimer(lifetimeMs, () => stream.end('lifetime', [endedError('LIFETIME')]));
      return stream;
    },
    shutDown() {
      isStopping = true;
      for (const stream of streams) stream.end('shutdown', [endedError('SHUTDOWN')]);
    },
    count: () => streams.size,
  };
}
