import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Failure } from '#src/domain/failure.ts';
import { createBreakers } from '#src/enviaai/breaker.ts';

// The library behind it reads the machine's clock.
beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => vi.useRealTimers());

const fails = (kind: 'unavailable' | 'timeout', cause?: string) => async () => {
  throw new Failure(kind, 'It failed', { cause });
};

async function failOften(
  breakers: ReturnType<typeof createBreakers>,
  tenant: string,
  cause?: string,
) {
  for (let call = 0; call < 5; call += 1) {
    await breakers.run(tenant, fails('unavailable', cause)).catch(() => {});
  }
}

test('five faults in a row open the breaker of a tenant, and of no other', async () => {
  const breakers = createBreakers();
  await failOften(breakers, 'one', 'UND_ERR_SOCKET');
  expect(() => breakers.check('one')).toThrow('The breaker is open');
  expect(() => breakers.check('two')).not.toThrow();
});

test('connections that cannot be made open the breaker of all tenants', async () => {
  const breakers = createBreakers();
  await failOften(breakers, 'one', 'ECONNREFUSED');
  expect(() => breakers.check('two')).toThrow('The breaker is open');
});

test('an open breaker says when it asks again, and one call does so after 2 seconds', async () => {
  const breakers = createBreakers();
  await failOften(breakers, 'one');
  vi.setSystemTime(Date.now() + 500);
  expect(() => breakers.check('one')).toThrow(
    expect.objectContaining({ kind: 'unavailable', retryAfterMs: 1500 }),
  );

  vi.setSystemTime(Date.now() + 1500);
  breakers.check('one');
  const { promise, resolve: answer } = Promise.withResolvers<string>();
  const probe = breakers.run('one', () => promise);
  expect(() => breakers.check('one')).toThrow('The breaker is open');
  answer('well again');
  await expect(probe).resolves.toBe('well again');
  expect(() => breakers.check('one')).not.toThrow();
});

test('refusals are answers: they open no breaker', async () => {
  const breakers = createBreakers();
  for (let call = 0; call < 20; call += 1) {
    const refused = breakers.run('one', async () => {
      throw new Failure('rate-limited', 'Too many');
    });
    await expect(refused).rejects.toMatchObject({ kind: 'rate-limited' });
  }
  expect(() => breakers.check('one')).not.toThrow();
});
