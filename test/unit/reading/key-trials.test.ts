import { expect, test } from 'vitest';
import { Failure } from '#src/domain/failure.ts';
import { createKeyTrials } from '#src/reading/upstream/key-trials.ts';
import { createTestClock } from '#test/support/clock.ts';

const refused = new Failure('unauthorized', 'refused');
const stays = new AbortController().signal;
const turn = () => new Promise((resolve) => setImmediate(resolve));

function createTrials() {
  const trials = createKeyTrials(createTestClock().now);
  const begun: string[] = [];
  const requestOf = (tenant: string, signal: AbortSignal) =>
    ({ tenant, caller: { kind: 'key-holder', address: '192.0.2.1' }, signal }) as const;
  return {
    begun,
    requestOf,
    trials,
    /** A call that ends when the returned function is called. */
    call: (tenant: string, signal = stays) => {
      const end = Promise.withResolvers<void>();
      const request = requestOf(tenant, signal);
      const done = trials.run(request, async () => {
        begun.push(tenant);
        await end.promise;
      });
      return { done, end: end.resolve, accept: () => trials.accepted(request) };
    },
  };
}

test('while 250 keys of an address are on trial, the next waits, and calls of the same keys do not', async () => {
  const { call, begun } = createTrials();
  const calls = Array.from({ length: 250 }, (_, key) => call(`key ${key}`));
  call('key 0');
  const next = call('next');
  await turn();
  expect(begun).toHaveLength(251);
  calls[1]?.accept();
  calls[1]?.end();
  await turn();
  expect(begun.at(-1)).toBe('next');
  next.end();
  await next.done;
});

test('a caller that leaves while its key waits for a trial is not called for', async () => {
  const { call, begun } = createTrials();
  for (let key = 0; key < 250; key += 1) call(`key ${key}`);
  const gone = new AbortController();
  const { done } = call('next', gone.signal);
  gone.abort();
  await expect(done).rejects.toMatchObject({ kind: 'unavailable' });
  expect(begun).not.toContain('next');
});

test('3000 new keys of an address are all called for, in their order, as others end', async () => {
  const { trials, requestOf } = createTrials();
  const begun: number[] = [];
  let inFlight = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 3000 }, (_, key) => {
      const request = requestOf(`key ${key}`, stays);
      return trials.run(request, async () => {
        begun.push(key);
        inFlight += 1;
        most = Math.max(most, inFlight);
        await turn();
        inFlight -= 1;
        trials.accepted(request);
      });
    }),
  );
  expect(most).toBe(250);
  expect(begun).toEqual(begun.toSorted((a, b) => a - b));
  expect(begun).toHaveLength(3000);
});

test('a waiting call whose key was accepted, or whose caller leaves, wakes the next', async () => {
  const { call, begun, requestOf, trials } = createTrials();
  const calls = Array.from({ length: 250 }, (_, key) => call(`key ${key}`));
  const gone = new AbortController();
  const left = call('left', gone.signal);
  const accepted = call('accepted');
  const twice = [call('twice'), call('twice')];
  const last = call('last');
  await turn();
  trials.accepted(requestOf('accepted', stays));
  calls[0]?.end();
  gone.abort();
  await expect(left.done).rejects.toMatchObject({ kind: 'unavailable' });
  await turn();
  expect(begun).toContain('accepted');
  expect(begun).toContain('twice');
  calls[1]?.end();
  calls[2]?.end();
  await turn();
  expect(begun.filter((key) => key === 'twice')).toHaveLength(2);
  expect(begun).toContain('last');
  for (const { end } of [accepted, ...twice, last]) end();
});

test('when refusals have taken the tokens, all waiting calls are refused', async () => {
  const { call, trials, requestOf } = createTrials();
  const calls = Array.from({ length: 250 }, (_, key) => call(`key ${key}`));
  const waiting = Array.from({ length: 100 }, (_, key) => call(`waiting ${key}`).done);
  const settled = Promise.allSettled(waiting);
  for (let key = 0; key < 30; key += 1) trials.failed(requestOf(`key ${key}`, stays), refused);
  calls[0]?.end();
  for (const result of await settled) {
    expect(result).toMatchObject({ status: 'rejected', reason: { kind: 'too-many-keys' } });
  }
});

test('only a refusal of the key takes a token', async () => {
  const { trials, requestOf } = createTrials();
  for (let key = 0; key < 100; key += 1) {
    const request = requestOf(`key ${key}`, stays);
    await trials.run(request, async () => {
      trials.failed(request, new Failure('unavailable', 'down'));
      trials.failed(request, new Failure('forbidden', 'no scope'));
    });
  }
  for (let key = 0; key < 30; key += 1) trials.failed(requestOf(`junk ${key}`, stays), refused);
  await expect(trials.run(requestOf('next', stays), async () => {})).rejects.toMatchObject({
    kind: 'too-many-keys',
    retryAfterMs: 2000,
  });
});
