import { setImmediate as nextTurn } from 'node:timers/promises';
import type { GraphQLError } from 'graphql';
import type { Clock } from '#src/domain/clock.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import { limitExceeded, streamEnded, type StreamEndReason } from '#src/graphql/errors.ts';
import {
  type OpenStream,
  openStream,
  type ResponseStream,
  type StreamEnd,
  type StreamOwner,
  type StreamRequest,
  type StreamRules,
} from './open-stream.ts';
import { createStreamTimer } from './stream-timer.ts';
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

export interface StreamEvents {
  readonly onEvent: () => void;
  readonly onEnd: (reason: StreamEnd) => void;
}

/** All open streams of this process. */
export interface OpenStreams {
  /** Opens a stream; or returns the error for which there is none. */
  open(request: StreamRequest): OpenStream | GraphQLError;
  /** Ends all streams: the process stops. Resolves when each has been sent its end. */
  readonly shutDown: () => Promise<void>;
  readonly count: () => number;
}

export interface OpenStreamsOptions {
  readonly limits: StreamLimits;
  readonly clock: Pick<Clock, 'now' | 'setTimer'>;
  /** 0 to 1. */
  readonly random: () => number;
  readonly events: StreamEvents;
}

/** Upper bound of `retryAfter`, in seconds: it spreads clients whose streams end together. */
const maxRetrySeconds = 15;

/**
 * Streams that end in one turn of the event loop: between two turns, their lines of the log are
 * written, which has room for some 1,500.
 */
const endsPerTurn = 500;

export function createOpenStreams(options: OpenStreamsOptions): OpenStreams {
  const { limits, clock, random, events } = options;
  const streams = new Set<ResponseStream>();
  const byTenant = createTally<Tenant>();
  const byCaller = createTally<string>();
  const timer = createStreamTimer(clock);
  let isStopping = false;

  const retryAfter = () => 1 + Math.floor(random() * maxRetrySeconds);
  const endedError = (reason: StreamEndReason) => streamEnded(reason, retryAfter());
  const rules: StreamRules = {
    clock,
    lifetimeMs: () => limits.lifetimeMs * (0.9 + random() * 0.2),
    endedError,
    onEvent: events.onEvent,
    onEnd(stream, reason) {
      streams.delete(stream);
      timer.remove(stream);
      byTenant.remove(stream.tenant);
      if (stream.callerId !== null) byCaller.remove(stream.callerId);
      events.onEnd(reason);
    },
  };

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

  return {
    open(request) {
      if (isStopping) return endedError('SHUTDOWN');
      const exceeded = exceededLimit(request);
      if (exceeded) return exceeded;
      const stream = openStream(request, rules);
      streams.add(stream);
      timer.add(stream);
      byTenant.add(stream.tenant);
      if (stream.callerId !== null) byCaller.add(stream.callerId);
      return stream;
    },
    async shutDown() {
      isStopping = true;
      // An error costs as much as the rest of a stream's end, because of its stack: they are shared.
      const errors = new Map<number, GraphQLError>();
      let ended = 0;
      for (const stream of streams) {
        const seconds = retryAfter();
        const error = errors.get(seconds) ?? streamEnded('SHUTDOWN', seconds);
        errors.set(seconds, error);
        stream.end('shutdown', [error]);
        if ((ended += 1) % endsPerTurn === 0) await nextTurn();
      }
    },
    count: () => streams.size,
  };
}
