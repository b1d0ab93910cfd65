import { expect, test } from 'vitest';
import { startSandbox } from '#src/sandbox/sandbox.ts';
import { createTestClock } from '#test/support/clock.ts';
import { type Answer, start } from '#test/support/start.ts';

const list = '{ instances { totalCount } }';
const key = 'test';
/** Nothing held will do: every read calls, or fails. */
const env = { FRESH_MS: '0', STALE_MS: '0' };

const toldBy = ({ errors }: Answer) => errors?.[0]?.extensions;
const limited = (retryAfter: number) => ({ code: 'RATE_LIMITED', retryAfter });

test.for([
  ['below what was assumed', 7, '50'],
  ['above it', 80, '50'],
  ['of 50, where one was assumed', 50, '1'],
] as const)(
  'a limit %s is learned from the first answer: all of it is used, and no more',
  async ([, ratePerMinute, assumed]) => {
    const clock = createTestClock();
    const given = { ...env, ENVIAAI_RATE_PER_MINUTE: assumed };
    const server = await start({ clock, ratePerMinute, env: given });
    for (let read = 0; read < ratePerMinute; read += 1) {
      expect((await server.query(list)).errors).toBeUndefined();
    }
    expect(toldBy(await server.query(list))).toEqual(limited(60));
    expect(server.calls()).toHaveLength(ratePerMinute);
  },
);

test('how long to wait is counted down, at no calls, until a read succeeds again', async () => {
  const clock = createTestClock();
  const server = await start({ clock, ratePerMinute: 1, env });
  await server.query(list);
  for (const left of [60, 41, 22, 3]) {
    expect(toldBy(await server.query(list))).toEqual(limited(left));
    clock.advance(19_000);
  }
  expect((await server.query(list)).data.instances).toEqual({ totalCount: 3 });
  expect(server.calls()).toHaveLength(2);
});

test('a refusal for rate pauses its key, without a further call, and no other', async () => {
  const clock = createTestClock();
  const server = await start({ clock, env });
  server.sandbox.control.fail({ key, status: 429, retryAfter: 30 });
  expect(toldBy(await server.query(list))).toMatchObject(limited(30));
  clock.advance(10_000);
  expect(toldBy(await server.query(list))).toEqual(limited(20));
  expect(toldBy(await server.query('{ instance(id: "inst_other") { id } }'))).toEqual(limited(20));
  const other = await server.query(list, {}, { authorization: 'Bearer other' });
  expect(other.data.instances).toEqual({ totalCount: 3 });
  expect([server.calls(), server.calls('other')].map((calls) => calls.length)).toEqual([1, 1]);

  clock.advance(20_000);
  expect((await server.query(list)).errors).toBeUndefined();
  expect(server.calls()).toHaveLength(2);
});

const refusal = (retryAfter?: unknown) => ({
  error: { code: 'rate_limit_exceeded', message: 'Rate limit exceeded', retryAfter },
});
const noReset = { 'x-ratelimit-reset': 'soon' };
const inTwoHours = String(Date.UTC(2026, 0, 1, 2) / 1000);

test.for([
  ["by the body's word", refusal(7), {}, 7],
  ["by the body's word in digits", refusal('7'), {}, 7],
  ["by the header's, where the body has none", refusal(), { 'retry-after': '9' }, 9],
  ["by the header's date", refusal(), { 'retry-after': 'Thu, 01 Jan 2026 00:00:51 GMT' }, 11],
  ["by the body's before the header's", refusal(7), { 'retry-after': '9' }, 7],
  ["by the header's, where the body's is no number", refusal('soon'), { 'retry-after': '9' }, 9],
  ['until the reset, where the wait is no number', refusal('soon'), {}, 20],
  ['until the reset, where it is under a second', refusal(0.5), {}, 20],
  ['until the reset, where it is over an hour', refusal(3601), {}, 20],
  ['until the reset, where there is none', refusal(), {}, 20],
  ['until the reset, where it is negative', refusal(-5), { 'retry-after': '-5' }, 20],
  ['a minute, where no reset is told either', 'no JSON', noReset, 60],
  ['a minute, where the reset is hours away', 'no JSON', { 'x-ratelimit-reset': inTwoHours }, 60],
] as const)('a refused key waits %s', async ([, body, headers, seconds]) => {
  const clock = createTestClock();
  const server = await start({ clock, env });
  await server.query(list);
  clock.advance(40_000);
  server.sandbox.control.fail({ key, status: 429, body, headers });
  expect(toldBy(await server.query(list))).toMatchObject({ code: 'RATE_LIMITED' });
  clock.advance(2000);
  expect(toldBy(await server.query(list))).toEqual(limited(seconds - 2));
  expect(server.calls()).toHaveLength(2);
  clock.advance(seconds * 1000 - 2000);
  expect(toldBy(await server.query(list))).toBeUndefined();
});

test.for([-600_000, -61_000, 600_000])(
  "a vendor whose clock is %i ms from ours is understood: its limit holds, and its window's end",
  async (ahead) => {
    const clock = createTestClock(Date.UTC(2026, 0, 1) + 300);
    const sandbox = await startSandbox({ ratePerMinute: 5, now: () => clock.now() + ahead });
    const server = await start({ clock, env, upstream: sandbox.url });
    for (let read = 0; read < 5; read += 1) {
      expect((await server.query(list)).errors).toBeUndefined();
    }
    const { data } = await server.query('{ rateLimit { limit remaining resetAt } }');
    expect(data.rateLimit).toMatchObject({ limit: 5, remaining: 0 });
    const endsInMs = Date.parse(data.rateLimit.resetAt) - clock.now();
    expect(endsInMs).toBeGreaterThanOrEqual(60_000);
    expect(endsInMs).toBeLessThanOrEqual(62_000);
    expect(toldBy(await server.query(list))).toEqual(limited(Math.ceil(endsInMs / 1000)));

    clock.advance(endsInMs);
    expect((await server.query(list)).errors).toBeUndefined();
    const { calls } = sandbox.control.calls({ key });
    expect(calls.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    await sandbox.close();
  },
);

test.for([
  ['limit of 0', { 'x-ratelimit-limit': '0', 'x-ratelimit-remaining': '0' }],
  ['reset in two hours', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inTwoHours }],
] as const)('a %s, told once by mistake, is over after a minute', async ([, headers]) => {
  const clock = createTestClock();
  const server = await start({ clock, env });
  server.sandbox.control.fail({ key, mode: 'slow', headers });
  expect((await server.query(list)).errors).toBeUndefined();
  expect(toldBy(await server.query(list))).toEqual(limited(60));
  clock.advance(60_000);
  expect((await server.query(list)).errors).toBeUndefined();
  expect((await server.query(list)).errors).toBeUndefined();
  expect(server.calls()).toHaveLength(3);
});
