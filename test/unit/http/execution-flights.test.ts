import { expect, test } from 'vitest';
import { createExecutionFlights } from '#src/http/response-cache/execution-flights.ts';

/** An execution that ends when the test says so. */
function createExecution(join: () => ((result: string) => boolean) | null = () => () => true) {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let signal: AbortSignal | undefined;
  const execution = { result: promise, join };
  const start = (shared: AbortSignal) => {
    signal = shared;
    return execution;
  };
  return { start, execution, resolve, reject, isAborted: () => signal?.aborted };
}

const createFlights = () => {
  let joins = 0;
  const flights = createExecutionFlights<string, ReturnType<typeof createExecution>['execution']>({
    onJoin: () => (joins += 1),
  });
  return { share: flights.share, joins: () => joins };
};

const never = () => {
  throw new Error('A second execution was started');
};

test('of the requests that share an execution, the first pays for it', async () => {
  const { share, joins } = createFlights();
  const { start, execution, resolve } = createExecution();
  const shares = [
    share('a', new AbortController().signal, start),
    share('a', new AbortController().signal, never),
  ];
  resolve('rows');
  expect(await Promise.all(shares)).toEqual([
    { kind: 'result', result: 'rows', execution, isPayer: true },
    { kind: 'result', result: 'rows', execution, isPayer: false },
  ]);
  expect(joins()).toBe(1);
});

test('a request whose deadline passes leaves, and the next one pays', async () => {
  const { share } = createFlights();
  const { start, execution, resolve, isAborted } = createExecution();
  const [first, second] = [new AbortController(), new AbortController()];
  const shares = [share('a', first.signal, start), share('a', second.signal, never)];
  first.abort();
  expect(await shares[0]).toEqual({ kind: 'left', execution, isPayer: true });
  expect(isAborted()).toBe(false);
  resolve('rows');
  expect(await shares[1]).toMatchObject({ kind: 'result', isPayer: true });
});

test('the last request that leaves ends the execution, gets its result, and nobody joins it', async () => {
  const { share } = createFlights();
  const { start, resolve, isAborted } = createExecution();
  const [first, second] = [new AbortController(), new AbortController()];
  const shares = [share('a', first.signal, start), share('a', second.signal, never)];
  second.abort();
  expect(await shares[1]).toMatchObject({ kind: 'left', isPayer: false });
  first.abort();
  expect(isAborted()).toBe(true);
  const other = createExecution();
  const late = share('a', new AbortController().signal, other.start);
  resolve('a timeout');
  other.resolve('rows');
  expect(await shares[0]).toMatchObject({ kind: 'result', result: 'a timeout' });
  expect(await late).toMatchObject({ kind: 'result', result: 'rows' });
});

test('a request that may not join starts an execution, which the next ones join', async () => {
  const { share, joins } = createFlights();
  const closed = createExecution(() => null);
  const open = createExecution();
  const shares = [closed.start, open.start, never].map((start) =>
    share('a', new AbortController().signal, start),
  );
  closed.resolve('old');
  open.resolve('new');
  const results = await Promise.all(shares);
  expect(results).toMatchObject([{ result: 'old' }, { result: 'new' }, { result: 'new' }]);
  expect(joins()).toBe(1);
});

test('a result that may not be shared is only for the request that started the execution', async () => {
  const { share } = createFlights();
  const { start, resolve } = createExecution(() => (result) => result !== 'refused');
  const shares = [start, never].map((each) => share('a', new AbortController().signal, each));
  resolve('refused');
  expect(await Promise.all(shares)).toMatchObject([{ kind: 'result' }, { kind: 'not-shared' }]);
});

test('a fault rejects every request, and the next one starts an execution', async () => {
  const { share } = createFlights();
  const { start, reject } = createExecution();
  const shares = [start, never].map((each) => share('a', new AbortController().signal, each));
  reject(new Error('a fault'));
  for (const each of await Promise.allSettled(shares)) expect(each.status).toBe('rejected');
  const next = createExecution();
  next.resolve('rows');
  const again = await share('a', new AbortController().signal, next.start);
  expect(again).toMatchObject({ result: 'rows' });
});
