import { expect, onTestFinished, test, vi } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { makeKey, nameless, startFor, startIssuer } from '#test/support/callers/issuer.ts';

const minute = 60_000;

/** The time by which keys grow old; everything else goes on by the real one. */
function standStill() {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  return { advance: (ms: number) => vi.setSystemTime(Date.now() + ms) };
}

const codeOf = (answer: { errors: { extensions: object }[] | undefined }) =>
  answer.errors?.map(({ extensions }) => extensions);

const unverifiable = [{ code: 'INTERNAL_SERVER_ERROR' }];

test('the keys are fetched once, however many callers come at the same moment', async () => {
  const issuer = await startIssuer();
  const { ask } = await startFor(issuer);
  const token = await issuer.mint();
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask(token)));
  expect(answers.flatMap(({ errors = [] }) => errors)).toEqual([]);
  expect(issuer.fetches()).toBe(1);
});

test('a new key is found by the first token that names it, and a withdrawn one is dropped', async () => {
  const time = standStill();
  const issuer = await startIssuer();
  const { ask } = await startFor(issuer);
  const old = await issuer.mint();
  expect((await ask(old)).errors).toBeUndefined();

  const second = await makeKey('second');
  issuer.publish(second);
  time.advance(31_000);
  expect((await ask(await issuer.mint({ key: second }))).errors).toBeUndefined();
  expect(codeOf(await ask(old))).toEqual([{ code: 'UNAUTHENTICATED' }]);
});

test('a key that is withdrawn without a successor is dropped within ten minutes', async () => {
  const time = standStill();
  const issuer = await startIssuer();
  const clock = createTestClock(Date.now());
  const { ask } = await startFor(issuer, { clock });
  const token = await issuer.mint();
  expect((await ask(token)).errors).toBeUndefined();
  issuer.publish();
  time.advance(10 * minute);
  expect(codeOf(await ask(token))).toEqual([{ code: 'UNAUTHENTICATED' }]);
});

test('tokens of made-up keys do not make the issuer busy', async () => {
  const time = standStill();
  const issuer = await startIssuer();
  const { ask } = await startFor(issuer);
  await ask(await issuer.mint());
  time.advance(31_000);
  for (let index = 0; index < 10; index += 1) {
    await ask(await issuer.mint({ header: { kid: `made-up-${index}` } }));
  }
  expect(issuer.fetches()).toBe(2);
});

test('of keys without names the one that signed is found', async () => {
  const issuer = await startIssuer();
  const keys = [await makeKey('a'), await makeKey('b'), issuer.key];
  issuer.publish(...keys.map(nameless));
  const { ask } = await startFor(issuer);
  const unnamed = { header: { kid: null } };
  expect((await ask(await issuer.mint(unnamed))).errors).toBeUndefined();
  const key = await makeKey('c');
  const stranger = await issuer.mint({ ...unnamed, key });
  expect(codeOf(await ask(stranger))).toEqual([{ code: 'UNAUTHENTICATED' }]);
});

test('without keys the server starts, says so, and blames no token; when they come, it serves', async () => {
  const clock = createTestClock();
  const issuer = await startIssuer(clock.now);
  issuer.answers(503, 'down');
  const { ask, askBare, calls, log } = await startFor(issuer, { clock });
  const token = await issuer.mint();

  expect(codeOf(await ask(token))).toEqual(unverifiable);
  expect((await ask(token)).errors?.[0]?.message).toContain('Try again later');
  expect(codeOf(await askBare('{ instances { totalCount } }'))).toEqual([
    { code: 'UNAUTHENTICATED' },
  ]);
  expect(calls()).toEqual([]);
  expect(log.join('')).toContain('The keys at AUTH_JWKS_URL cannot be had');
  expect(log.join('')).toContain('"reason":"status 503"');
  // One attempt a second, however many ask.
  expect(issuer.fetches()).toBe(1);

  issuer.publish(issuer.key);
  clock.advance(1000);
  expect((await ask(token)).errors).toBeUndefined();
});

test.each([
  ['no JSON', 200, '<html>'],
  ['no set', 200, '{"error":"x"}'],
  ['a set of no keys', 200, '{"keys":["x"]}'],
  ['another page', 302, ''],
])('an answer that is %s is none', async (_, status, body) => {
  const issuer = await startIssuer();
  issuer.answers(status, body);
  const { ask } = await startFor(issuer);
  expect(codeOf(await ask(await issuer.mint()))).toEqual(unverifiable);
});

test('keys that do not come keep nobody longer than an operation may take', async () => {
  const issuer = await startIssuer();
  issuer.isSilent();
  const { ask, log } = await startFor(issuer, { env: { REQUEST_TIMEOUT_MS: '100' } });
  expect(codeOf(await ask(await issuer.mint()))).toEqual(unverifiable);
  expect(log.join('')).toContain('"reason":"no answer in time"');
});

test('while the issuer is away, its last keys go on for an hour', async () => {
  const time = standStill();
  const clock = createTestClock(Date.now());
  const issuer = await startIssuer(clock.now);
  const { ask } = await startFor(issuer, { clock, env: { CALLER_RATE_PER_MINUTE: '0' } });
  const token = await issuer.mint({ claims: { exp: Math.floor(clock.now() / 1000) + 7200 } });
  const later = (ms: number) => {
    time.advance(ms);
    clock.advance(ms);
  };

  expect((await ask(token)).errors).toBeUndefined();
  await issuer.stop();
  later(11 * minute);
  expect((await ask(token)).errors).toBeUndefined();
  later(48 * minute);
  expect((await ask(token)).errors).toBeUndefined();
  later(11 * minute);
  expect(codeOf(await ask(token))).toEqual(unverifiable);
});
