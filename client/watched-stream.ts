import { throwIfAborted } from './abort.ts';
import { EnviaaiError } from './error.ts';
import { readEventStream, streamUnsupported } from './event-stream.ts';
import {
  type InstanceChangesSubscription,
  type InstanceChangesSubscriptionVariables,
  instanceChangesText,
} from './generated.ts';
import { type InstanceReads, type InstanceStatusFilter, graphStatusOf } from './instances.ts';
import { type SubscribeParts, waitAfter } from './subscribe.ts';
import { type WatchedList, listAfter, polledList } from './watched-list.ts';

export interface WatchParts extends SubscribeParts {
  readonly pages: InstanceReads['pages'];
  readonly hasStreams: () => boolean;
}

export interface Watching {
  readonly status: InstanceStatusFilter;
  readonly signal: AbortSignal;
  readonly show: (list: WatchedList) => void;
  /** Ends the watch, and aborts its signal. */
  readonly fail: (error: unknown) => void;
}

const pollMs = 5000;

/** With longer waits after polls that cost more, polls use half of a key's 50 requests a minute. */
const msPerCall = 60_000 / 25;

/** Streams in a row without an event before the list is polled. */
const maxFailures = 2;

/** While the list is polled, another stream is tried after this time, and up to as much again. */
const retryMs = 30_000;

/** Errors that every call would have. */
const refusals: readonly string[] = ['UNAUTHENTICATED', 'FORBIDDEN', 'BAD_USER_INPUT'];

/** Shows the list until the signal aborts: by streams, one after the other, and by polls. */
export async function watchList(parts: WatchParts, watching: Watching): Promise<void> {
  const { status, signal, fail } = watching;
  const variables: InstanceChangesSubscriptionVariables = { status: graphStatusOf(status) };
  const subscription = { query: instanceChangesText, variables, signal };
  let list: WatchedList | null = null;
  const show = (next: WatchedList) => {
    list = next;
    watching.show(next);
  };
  const polls = createPolls(parts, { status, signal, show, fail }, () => list !== null);

  for (let failures = 0; ;) {
    let hasEvents = false;
    try {
      if (!parts.hasStreams()) throw streamUnsupported();
      for await (const data of readEventStream<InstanceChangesSubscription>(parts, subscription)) {
        if (!data.instances) continue;
        polls.end();
        failures = 0;
        hasEvents = true;
        show(listAfter(list, data.instances));
      }
      throw new EnviaaiError('The server has ended the stream.', { code: 'UNREACHABLE' });
    } catch (error) {
      throwIfAborted(signal);
      const waitMs = waitAfter(error, parts, { failures, hasEvents });
      if (!(error instanceof EnviaaiError)) throw error;
      const { code, retryAfter } = error;
      if (waitMs === null && refusals.includes(code)) throw error;
      failures += 1;
      markLost(list, show);
      if (waitMs === null || failures >= maxFailures) polls.begin();
      if (code === 'STREAM_UNSUPPORTED') return;
      const pauseMs = polls.isRunning() ? retryMs * (1 + parts.random()) : 0;
      const leastMs = waitMs ?? (retryAfter ?? 0) * 1000;
      await parts.sleep(Math.max(pauseMs, leastMs), signal);
    }
  }
}

function markLost(list: WatchedList | null, show: Watching['show']): void {
  if (list?.isLive) show({ ...list, isLive: false });
}

/** Polls that begin and end while the watch goes on. */
function createPolls(parts: WatchParts, watching: Watching, hasList: () => boolean) {
  let running: AbortController | null = null;
  const end = () => {
    running?.abort();
    running = null;
  };
  watching.signal.addEventListener('abort', end);
  return {
    end,
    isRunning: () => running !== null,
    begin() {
      if (running) return;
      const { signal } = (running = new AbortController());
      poll(parts, { ...watching, signal }, hasList).catch((error: unknown) => {
        if (!signal.aborted) watching.fail(error);
      });
    },
  };
}

/** A poll that fails is followed by others, unless there is no list yet. */
async function poll(
  parts: WatchParts,
  { status, signal, show }: Watching,
  hasList: () => boolean,
): Promise<never> {
  for (;;) {
    let waitMs = pollMs;
    try {
      const { list, calls } = await polledList(parts.pages({ status, signal }));
      throwIfAborted(signal);
      show(list);
      waitMs = Math.max(pollMs, calls * msPerCall);
    } catch (error) {
      throwIfAborted(signal);
      if (!hasList() || !(error instanceof EnviaaiError)) throw error;
      if (refusals.includes(error.code)) throw error;
      waitMs = Math.max(pollMs, (error.retryAfter ?? 0) * 1000);
    }
    await parts.sleep(waitMs, signal);
  }
}
