import { throwIfAborted } from './abort.ts';
import { EnviaaiError } from './error.ts';
import { type EventStreamParts, type Subscription, readEventStream } from './event-stream.ts';

export interface SubscribeParts extends EventStreamParts {
  /** From 0 to 1. */
  readonly random: () => number;
}

export interface SubscriptionEvent<Data> {
  readonly data: Data;
  /** Whether it is the first event after the stream was lost. */
  readonly isResumed: boolean;
}

const firstBackoffMs = 1000;
const maxBackoffMs = 20_000;
const maxRetryAfterMs = 60_000;

/** Streams in a row without an event. */
const maxFailures = 8;

/**
 * The events of a subscription. A stream that breaks, or that the server ends with a `retryAfter`,
 * is opened again: after that time, else by exponential backoff with full jitter.
 */
export async function* subscribe<Data>(
  parts: SubscribeParts,
  subscription: Subscription,
): AsyncGenerator<SubscriptionEvent<Data>, void, undefined> {
  const { signal } = subscription;
  let isResumed = false;
  for (let failures = 0; ;) {
    let hasEvents = false;
    try {
      for await (const data of readEventStream<Data>(parts, subscription)) {
        yield { data, isResumed };
        failures = 0;
        hasEvents = true;
        isResumed = false;
      }
      return;
    } catch (error) {
      throwIfAborted(signal);
      const waitMs =
        failures < maxFailures ? waitAfter(error, parts, { failures, hasEvents }) : null;
      if (waitMs === null) throw error;
      failures += 1;
      isResumed = true;
      await parts.sleep(waitMs, signal);
    }
  }
}

/** The streams that have failed. */
export interface Failed {
  /** How many without an event, in a row, before the last one. */
  readonly failures: number;
  /** Whether the last one had an event. */
  readonly hasEvents: boolean;
}

/** Milliseconds until the next stream; null: it would fail, too. */
export function waitAfter(
  error: unknown,
  parts: SubscribeParts,
  { failures, hasEvents }: Failed,
): number | null {
  if (!(error instanceof EnviaaiError)) return null;
  const { code, retryAfter } = error;
  if (retryAfter !== null) {
    const waitMs = retryAfter * 1000;
    return waitMs <= maxRetryAfterMs ? waitMs : null;
  }
  // The token has expired meanwhile: the function returns another.
  if (code === 'UNAUTHENTICATED' && hasEvents && typeof parts.connection.token === 'function') {
    return 0;
  }
  if (code !== 'UNREACHABLE') return null;
  return parts.random() * Math.min(maxBackoffMs, firstBackoffMs * 2 ** failures);
}
