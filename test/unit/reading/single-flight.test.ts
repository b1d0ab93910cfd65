import { expect, test } from 'vitest';
import { createSingleFlight } from '#src/reading/upstream/single-flight.ts';

test('who leaves a shared call takes nothing from the others', async () => {
  const flights = createSingleFlight<string>();
  const [one, two] = [new AbortController(), new AbortController()];
  let given = false;
  const { promise, resolve: land } = Promise.withResolvers<string>();
  const start = (signal: AbortSignal) => {
    signal.addEventListener('abort', () => (given = true));
    return promise;
  };
  const first = flights.join('a', one.signal, start);
  const second = flights.join('a', two.signal, start);
  expect([first.isJoined, second.isJoined]).toEqual([false, true]);
  one.abort();
  expect(given).toBe(false);
  land('here');
  await expect(second.result).resolves.toBe('here');
});

test('a call that all have left is given up, and who asks next starts anew', () => {
  const flights = createSingleFlight<string>();
  const [one, two] = [new AbortController(), new AbortController()];
  let given = 0;
  const start = (signal: AbortSignal) => {
    signal.addEventListener('abort', () => (given += 1));
    return new Promise<string>(() => {});
  };
  flights.join('a', one.signal, start);
  flights.join('a', two.signal, start);
  one.abort();
  two.abort();
  expect(given).toBe(1);
  expect(flights.join('a', new AbortController().signal, start).isJoined).toBe(false);
});

test('a failure is told to all who wait, and not kept', async () => {
  const flights = createSingleFlight<string>();
  const { signal } = new AbortController();
  const fail = async () => {
    throw new Error('no');
  };
  const both = [flights.join('a', signal, fail), flights.join('a', signal, fail)];
  for (const { result } of both) await expect(result).rejects.toThrow('no');
  await expect(flights.join('a', signal, async () => 'yes').result).resolves.toBe('yes');
});
