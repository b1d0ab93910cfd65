import { expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import {
  createKey,
  withoutKid,
  startWithIssuer,
  startIssuer,
} from '#test/support/callers/issuer.ts';

const minute = 60_000;
const hour = 60 * minute;

const codeOf = (answer: { errors: { extensions: object }[] | undefined }) =>
  answer.errors?.map(({ extensions }) => extensions);

const unverifiable = [{ code: 'INTERNAL_SERVER_ERROR' }];

test('simultaneous callers share one fetch of the keys', async () => {
  const issuer = await startIssuer();
  const { ask } = await startWithIssuer(issuer);
  const token = await issuer.mint();
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask(token)));
  expect(answers.flatMap(({ errors = [] }) => errors)).toEqual([]);
  expect(issuer.fetches()).toBe(1);
});

test('a token with a new key id causes a fetch, which also removes withdrawn keys', async () => {
  const clock = createTestClock();
  const issuer = await startIssuer(clock.now);
  const { ask } = await startWithIssuer(issuer, { clock });
  const old = await issuer.mint();
  expect((await ask(old)).errors).toBeUndefined();

  const second = await createKey('second');
  issuer.publish(second);
  clock.advance(31_000);
  expect((await ask(await issuer.mint({ key: second }))).errors).toBeUndefined();
  expect(codeOf(await ask(old))).toEqual([{ code: 'UNAUTHENTICATED' }]);
});

test.each([0, -hour, hour])(
  'a withdrawn key is rejected after ten minutes at the latest (wall clock stepped by %i ms)',
  async (step) => {
    const clock = createTestClock();
    const issuer = await startIssuer(clock.now);
    const { ask } = await startWithIssuer(issuer, { clock });
    const claims = { exp: Math.floor(clock.now() / 1000) + 7200 };
    const token = await issuer.mint({ claims });
    expect((await ask(token)).errors).toBeUndefined();
    issuer.publish();
    clock.step(step);
    clock.advance(10 * minute - 1);
    expect((await ask(token)).errors).toBeUndefined();
    clock.advance(1);
    expect(codeOf(await ask(token))).toEqual([{ code: 'UNAUTHENTICATED' }]);
  },
);

test.each([-hour, hour])(
  'a new key is found after 30 seconds if the wall clock is stepped by %i ms',
  async (step) => {
    const clock = createTestClock();
    const issuer = await startIssuer(clock.now);
    const { ask } = await startWithIssuer(issuer, { clock });
    const claims = { exp: Math.floor(clock.now() / 1000) + 7200 };
    await ask(await issuer.mint({ claims }));
    const second = await createKey('second');
    issuer.publish(second);
    const token = await issuer.mint({ key: second, claims });
    clock.step(step);
    clock.advance(29_999);
    expect(codeOf(await ask(token))).toEqual([{ code: 'UNAUTHENTICATED' }]);
    clock.advance(1);
    expect((await ask(token)).errors).toBeUndefined();
  },
);

test('a token expires by the wall clock', async () => {
  const clock = createTestClock();
  const issuer = await startIssuer(clock.now);
  const { ask } = await startWithIssuer(issuer, { clock });
  const token = await issuer.mint();
  clock.step(hour);
  expect(codeOf(await ask(token))).toEqual([{ code: 'UNAUTHENTICATED' }]);
  clock.step(-hour);
  expect((await ask(token)).errors).toBeUndefined();
});

test('tokens with unknown key ids cause at most one fetch in 30 seconds', async () => {
  const clock = createTestClock();
  const issuer = await startIssuer(clock.now);
  const { ask } = await startWithIssuer(issuer, { clock });
  await ask(await issuer.mint());
  clock.advance(31_000);
  for (let index = 0; index < 10; index += 1) {
    await ask(await issuer.mint({ header: { kid: `made-up-${index}` } }));
  }
  expect(issuer.fetches()).toBe(2);
});

test('among keys without a key id, the one that signed the token is found', async () => {
  const issuer = await startIssuer();
  const keys = [await createKey('a'), await createKey('b'), issuer.key];
  issuer.publish(...keys.map(withoutKid));
  const { ask } = await startWithIssuer(issuer);
  const unnamed = { header: { kid: null } };
  expect((await ask(await issuer.mint(unnamed))).errors).toBeUndefined();
  const key = await createKey('c');
  const signedByAnother = await issuer.mint({ ...unnamed, key });
  expect(codeOf(await ask(signedByAnother))).toEqual([{ code: 'UNAUTHENTICATED' }]);
});

test('without keys, the server starts and logs it, and tokens get INTERNAL_SERVER_ERROR until keys arrive', async () => {
  const clock = createTestClock();
  const issuer = await startIssuer(clock.now);
  issuer.respondWith(503, 'down');
  const { ask, askWithoutToken, calls, log } = await startWithIssuer(issuer, { clock });
  const token = await issuer.mint();

  expect(codeOf(await ask(token))).toEqual(unverifiable);
  expect((await ask(token)).errors?.[0]?.message).toContain('Try again later');
  expect(codeOf(await askWithoutToken('{ instances { totalCount } }'))).toEqual([
    { code: 'UNAUTHENTICATED' },
  ]);
  expect(calls()).toEqual([]);
  expect(log.join('')).toContain('Cannot fetch the keys from AUTH_JWKS_URL');
  expect(log.join('')).toContain('"reason":"http-status","status":503');
  // At most one attempt in a second, for all callers together.
  expect(issuer.fetches()).toBe(1);

  issuer.publish(issuer.key);
  clock.advance(1000);
  expect((await ask(token)).errors).toBeUndefined();
});

test.each([
  ['not JSON', 200, '<html>'],
  ['not a key set', 200, '{"error":"x"}'],
  ['a key set without keys', 200, '{"keys":["x"]}'],
  ['a redirect', 302, ''],
])('a response that is %s is not used as keys', async (_, status, body) => {
  const issuer = await startIssuer();
  issuer.respondWith(status, body);
  const { ask } = await startWithIssuer(issuer);
  expect(codeOf(await ask(await issuer.mint()))).toEqual(unverifiable);
});

test('a caller does not wait for keys longer than REQUEST_TIMEOUT_MS', async () => {
  const issuer = await startIssuer();
  issuer.stopResponding();
  const { ask, log } = await startWithIssuer(issuer, { env: { REQUEST_TIMEOUT_MS: '100' } });
  expect(codeOf(await ask(await issuer.mint()))).toEqual(unverifiable);
  expect(log.join('')).toContain('"reason":"response-timeout"');
});

test('while the issuer is unreachable, its last keys are used for an hour', async () => {
  const clock = createTestClock();
  const issuer = await startIssuer(clock.now);
  const { ask } = await startWithIssuer(issuer, { clock, env: { CALLER_RATE_PER_MINUTE: '0' } });
  const token = await issuer.mint({ claims: { exp: Math.floor(clock.now() / 1000) + 7200 } });
  expect((await ask(token)).errors).toBeUndefined();
  await issuer.stop();
  clock.advance(11 * minute);
  expect((await ask(token)).errors).toBeUndefined();
  clock.advance(48 * minute);
  expect((await ask(token)).errors).toBeUndefined();
  clock.step(-hour);
  clock.advance(minute - 1);
  expect((await ask(token)).errors).toBeUndefined();
  clock.advance(1);
  expect(codeOf(await ask(token))).toEqual(unverifiable);
});
