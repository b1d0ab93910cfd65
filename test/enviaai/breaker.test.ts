import { expect, test } from 'vitest';
import { Failure } from '#src/domain/failure.ts';
import { createBreakers } from '#src/enviaai/breaker.ts';
import { createTestClock } from '#test/support/clock.ts';

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
  const breakers = createBreakers(() => 0);
  await failOften(breakers, 'one', 'UND_ERR_SOCKET');
  expect(() => breakers.check('one')).toThrow('The breaker is open');
  expect(() => breakers.check('two')).not.toThrow();
});

test('connections that cannot be made open the breaker of all tenants', async () => {
  const breakers = createBreakers(() => 0);
  await failOften(breakers, 'one', 'ECONNREFUSED');
  expect(() => breakers.check('two')).toThrow('The breaker is open');
});

test('an open breaker says when it asks again, and one call does so every 2 seconds', async () => {
  const clock = createTestClock();
  const breakers = createBreakers(clock.now);
  await failOften(breakers, 'one');
  clock.advance(500);
  expect(() => breakers.check('one')).toThrow(
    expect.objectContaining({ kind: 'unavailable', retryAfterMs: 1500 }),
  );

  clock.advance(1500);
  breakers.pass('one');
  expect(() => breakers.check('one')).toThrow('The breaker is open');
  // The first probe hangs: there is a second all the same.
  clock.advance(2000);
  breakers.pass('one');
  expect(() => breakers.pass('one')).toThrow('The breaker is open');
  await breakers.run('one', async () => 'well again');
  expect(() => breakers.check('one')).not.toThrow();
});

test('a probe that its caller gives up neither closes a breaker nor counts as a fault', async () => {
  const clock = createTestClock();
  const breakers = createBreakers(clock.now);
  const givenUp = () =>
    breakers.run('one', async () => {
      throw new Failure('unavailable', 'Given up', { cause: new Error('gone') });
    });
  for (let call = 0; call < 20; call += 1) await expect(givenUp()).rejects.toThrow('Given up');
  expect(() => breakers.check('one')).not.toThrow();
  await failOften(breakers, 'one');
  await expect(givenUp()).rejects.toThrow('Given up');
  expect(() => breakers.check('one')).toThrow('The breaker is open');
});

test('calls that were under way when it opened do not put the next probe off', async () => {
  const clock = createTestClock();
  const breakers = createBreakers(clock.now);
  await failOften(breakers, 'one');
  clock.advance(1900);
  await failOften(breakers, 'one');
  clock.advance(100);
  expect(() => breakers.check('one')).not.toThrow();
});

test('refusals are answers: they open no breaker', async () => {
  const breakers = createBreakers(() => 0);
  for (let call = 0; call < 20; call += 1) {
    const refused = breakers.run('one', async () => {
      throw new Failure('rate-limited', 'Too many');
    });
    await expect(refused).rejects.toMatchObject({ kind: 'rate-limited' });
  }
  expect(() => breakers.check('one')).not.toThrow();
});
