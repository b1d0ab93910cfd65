import { throwIfAborted } from './abort.ts';
import { type InstanceStatusFilter, graphStatusOf } from './instances.ts';
import type { WatchOptions, WatchedList } from './watched-list.ts';
import { type WatchParts, watchList } from './watched-stream.ts';

/** A watch, and those who read it. */
interface SharedWatch {
  readonly stop: AbortController;
  readonly wakes: Set<() => void>;
  readers: number;
  list: WatchedList | null;
  failure: { readonly error: unknown } | null;
}

/** Watches of one status share one stream, which ends with the last of them. */
export function createWatch(parts: WatchParts) {
  const watches = new Map<InstanceStatusFilter, SharedWatch>();

  function begin(status: InstanceStatusFilter): SharedWatch {
    const stop = new AbortController();
    const watch: SharedWatch = { stop, wakes: new Set(), readers: 0, list: null, failure: null };
    watches.set(status, watch);
    const wake = () => {
      for (const wakeReader of watch.wakes) wakeReader();
    };
    const show = (list: WatchedList) => {
      watch.list = list;
      wake();
    };
    const fail = (error: unknown) => {
      if (stop.signal.aborted) return;
      watch.failure = { error };
      end(status, watch);
      wake();
    };
    watchList(parts, { status, signal: stop.signal, show, fail }).catch(fail);
    return watch;
  }

  function end(status: InstanceStatusFilter, { stop }: SharedWatch): void {
    if (stop.signal.aborted) return;
    watches.delete(status);
    stop.abort();
  }

  return async function* watch({ status = 'all', signal }: WatchOptions = {}): AsyncGenerator<
    WatchedList,
    void,
    undefined
  > {
    throwIfAborted(signal);
    graphStatusOf(status);
    const shared = watches.get(status) ?? begin(status);
    shared.readers += 1;
    try {
      for (let seen: WatchedList | null = null; ;) {
        const { list, failure } = shared;
        if (list && list !== seen) yield (seen = list);
        else if (failure) throw failure.error;
        else await nextWake(shared.wakes, signal);
        throwIfAborted(signal);
      }
    } finally {
      shared.readers -= 1;
      if (shared.readers === 0) end(status, shared);
    }
  };
}

function nextWake(wakes: Set<() => void>, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      wakes.delete(wake);
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    wakes.add(wake);
    signal?.addEventListener('abort', wake);
  });
}
