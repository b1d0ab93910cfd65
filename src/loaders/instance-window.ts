import DataLoader from 'dataloader';
import { lazy } from '#src/domain/lazy.ts';
import { readWindow, type Window, type WindowResult } from '#src/reading/list/read-window.ts';
import type { ReadSession } from '#src/reading/session/read-session.ts';
import { withSpan } from '#src/reading/session/with-span.ts';

/** Loads windows of the list of instances, those of one operation in one batch. */
export interface InstanceWindow {
  load(window: Window): Promise<WindowResult>;
}

export function createInstanceWindow(session: () => ReadSession): InstanceWindow {
  // Created when it is first used: a cache hit loads nothing.
  const loader = lazy(() => createLoader(session));
  return { load: (window) => loader().load(window) };
}

const createLoader = (session: () => ReadSession) =>
  new DataLoader<Window, WindowResult, string>(
    // Async, so that an error of `session` rejects the promise: DataLoader hides what is thrown
    // synchronously.
    async (windows) => session().phases.run('lists', () => readAll(session(), windows)),
    {
      cacheKeyFn: ({ filter, direction, count, cursor }) =>
        [filter, direction, count, cursor ?? ''].join(' '),
    },
  );

/**
 * Reads the lists of all instances first: a page of the whole account answers the lists of one
 * status, too.
 */
async function readAll(
  session: ReadSession,
  windows: readonly Window[],
): Promise<(WindowResult | Error)[]> {
  const reads = new Map<Window, Promise<WindowResult | Error>>();
  for (const window of windows.toSorted((a, b) => rank(a) - rank(b))) {
    reads.set(window, readOne(session, window));
  }
  return Promise.all(windows.map((window) => reads.get(window) ?? readOne(session, window)));
}

const rank = ({ filter }: Window): number => (filter === 'all' ? 0 : 1);

async function readOne(session: ReadSession, window: Window): Promise<WindowResult | Error> {
  try {
    return await withSpan(session, 'read a list', (traced) => readWindow(traced, window));
  } catch (error) {
    return error instanceof Error
      ? error
      : new Error('A read threw something that is not an error');
  }
}
