import { expect, test } from 'vitest';
import { Failure } from '#src/domain/failure.ts';
import {
  type CircuitBreakers,
  createCircuitBreakers,
} from '#src/reading/upstream/circuit-breaker.ts';
import { createTestClock } from '#test/support/clock.ts';

function failOften(breakers: CircuitBreakers, tenant: string, cause?: string): void {
  const failure = new Failure('unavailable', 'It failed', { cause });
  for (let call = 0; call < 5; call += 1) breakers.failed(tenant, failure);
}

test('five faults in a row open the breaker of a tenant, and of no other', () => {
  const breakers = createCircuitBreakers(() => 0);
  failOften(breakers, 'one', 'UND_ERR_SOCKET');
  expect(() => breakers.check('one')).toThrow('The circuit breaker is open');
  expect(() => breakers.check('two')).not.toThrow();
});

test('connections that cannot be made open the breaker of all tenants', () => {
  const breakers = createCircuitBreakers(() => 0);
  failOften(breakers, 'one', 'ECONNREFUSED');
  expect(() => breakers.check('two')).toThrow('The circuit breaker is open');
});

test('an open breaker says when it asks again, and one call does so every 2 seconds', () => {
  const clock = createTestClock();
  const breakers = createCircuitBreakers(clock.now);
  failOften(breakers, 'one');
  clock.advance(500);
  expect(() => breakers.check('one')).toThrow(
    expect.objectContaining({ kind: 'unavailable', retryAfterMs: 1500 }),
  );

  clock.advance(1500);
  breakers.pass('one');
  expect(() => breakers.check('one')).toThrow('The circuit breaker is open');
  // The first probe hangs: there is a second all the same.
  clock.advance(2000);
  breakers.pass('one');
  expect(() => breakers.pass('one')).toThrow('The circuit breaker is open');
  breakers.succeeded('one');
  expect(() => breakers.check('one')).not.toThrow();
});

test('a probe that its caller gives up neither closes a breaker nor counts as a fault', () => {
  const clock = createTestClock();
  const breakers = createCircuitBreakers(clock.now);
  const givenUp = new Failure('unavailable', 'Given up', { cause: new Error('gone') });
  for (let call = 0; call < 20; call += 1) breakers.failed('one', givenUp);
  expect(() => breakers.check('one')).not.toThrow();
  failOften(breakers, 'one');
  breakers.failed('one', givenUp);
  expect(() => breakers.check('one')).toThrow('The circuit breaker is open');
});

test('calls that were under way when it opened do not put the next probe off', () => {
  const clock = createTestClock();
  const breakers = createCircuitBreakers(clock.now);
  failOften(breakers, 'one');
  clock.advance(1900);
  failOften(breakers, 'one');
  clock.advance(100);
  expect(() => breakers.check('one')).not.toThrow();
});

test('refusals are answers: they open no breaker', () => {
  const breakers = createCircuitBreakers(() => 0);
  const refused = new Failure('rate-limited', 'Too many');
  for (let call = 0; call < 20; call += 1) breakers.failed('one', refused);
  expect(() => breakers.check('one')).not.toThrow();
});
