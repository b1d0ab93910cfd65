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
    call(tenant: string, signal = stays) {
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

test('while 30 keys of an address are on trial, the next waits, and calls of the same keys do not', async () => {
  const { call, begun } = createTrials();
  const calls = Array.from({ length: 30 }, (_, key) => call(`key ${key}`));
  call('key 0');
  const next = call('next');
  await turn();
  expect(begun).toHaveLength(31);
  calls[1]?.accept();
  calls[1]?.end();
  await turn();
  expect(begun.at(-1)).toBe('next');
  next.end();
  await next.done;
});

test('a caller that leaves while its key waits for a trial is not called for', async () => {
  const { call, begun } = createTrials();
  for (let key = 0; key < 30; key += 1) call(`key ${key}`);
  const gone = new AbortController();
  const { done } = call('next', gone.signal);
  gone.abort();
  await expect(done).rejects.toMatchObject({ kind: 'unavailable' });
  expect(begun).not.toContain('next');
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
