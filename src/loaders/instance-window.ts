import DataLoader from 'dataloader';
import type { Operation } from '#src/reading/session/read-session.ts';
import { traced } from '#src/reading/session/with-span.ts';
import { readWindow, type Window, type WindowAnswer } from '#src/reading/list/read-window.ts';

/** Windows of the list of instances, those of one operation read together. */
export interface InstanceWindow {
  load(window: Window): Promise<WindowAnswer>;
}

export function createInstanceWindow(operation: () => Operation): InstanceWindow {
  // Made when it is first asked: an answer that is served again asks for nothing.
  let made: InstanceWindow | undefined;
  return { load: (window) => (made ??= createLoader(operation)).load(window) };
}

const createLoader = (operation: () => Operation) =>
  new DataLoader<Window, WindowAnswer, string>(
    // Async, so that `operation` throws into the promise: DataLoader hides what is thrown beside it.
    async (windows) => readAll(operation(), windows),
    {
      cacheKeyFn: ({ filter, direction, count, cursor }) =>
        [filter, direction, count, cursor ?? ''].join(' '),
    },
  );

/** The whole account's first: where one page holds it, that page answers the narrowed lists too. */
async function readAll(
  op: Operation,
  windows: readonly Window[],
): Promise<(WindowAnswer | Error)[]> {
  const reads = new Map<Window, Promise<WindowAnswer | Error>>();
  for (const window of windows.toSorted((a, b) => rank(a) - rank(b))) {
    reads.set(window, readOne(op, window));
  }
  return Promise.all(windows.map((window) => reads.get(window) ?? readOne(op, window)));
}

const rank = ({ filter }: Window): number => (filter === 'all' ? 0 : 1);

async function readOne(op: Operation, window: Window): Promise<WindowAnswer | Error> {
  try {
    return await traced(op, 'read a list', (part) => readWindow(part, window));
  } catch (error) {
    return error instanceof Error ? error : new Error('A read threw what is no error');
  }
}
