import DataLoader from 'dataloader';
import type { ReadSession } from '#src/reading/session/read-session.ts';
import { withSpan } from '#src/reading/session/with-span.ts';
import { readWindow, type Window, type WindowResult } from '#src/reading/list/read-window.ts';

/** Windows of the list of instances, those of one operation read together. */
export interface InstanceWindow {
  load(window: Window): Promise<WindowResult>;
}

export function createInstanceWindow(operation: () => ReadSession): InstanceWindow {
  // Made when it is first asked: an answer that is served again asks for nothing.
  let made: InstanceWindow | undefined;
  return { load: (window) => (made ??= createLoader(operation)).load(window) };
}

const createLoader = (operation: () => ReadSession) =>
  new DataLoader<Window, WindowResult, string>(
    // Async, so that `operation` throws into the promise: DataLoader hides what is thrown beside it.
    async (windows) => readAll(operation(), windows),
    {
      cacheKeyFn: ({ filter, direction, count, cursor }) =>
        [filter, direction, count, cursor ?? ''].join(' '),
    },
  );

/** The whole account's first: where one page holds it, that page answers the narrowed lists too. */
async function readAll(
  op: ReadSession,
  windows: readonly Window[],
): Promise<(WindowResult | Error)[]> {
  const reads = new Map<Window, Promise<WindowResult | Error>>();
  for (const window of windows.toSorted((a, b) => rank(a) - rank(b))) {
    reads.set(window, readOne(op, window));
  }
  return Promise.all(windows.map((window) => reads.get(window) ?? readOne(op, window)));
}

const rank = ({ filter }: Window): number => (filter === 'all' ? 0 : 1);

async function readOne(op: ReadSession, window: Window): Promise<WindowResult | Error> {
  try {
    return await withSpan(op, 'read a list', (part) => readWindow(part, window));
  } catch (error) {
    return error instanceof Error ? error : new Error('A read threw what is no error');
  }
}
