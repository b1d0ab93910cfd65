import { describe, expect, test } from 'vitest';
import { unsteppedWallClock } from '#src/domain/clock.ts';
import { always } from '#test/support/upstream.ts';
import { adapt, caller, failureOf, firstPage, pageOf } from '#test/support/enviaai/adapter.ts';

const noon = Date.parse('2026-02-03T12:00:00.000Z');
const resetAt = noon / 1000 + 30;

function rateHeaders(more: Record<string, string> = {}) {
  return {
    date: 'Tue, 03 Feb 2026 12:00:00 GMT',
    'x-ratelimit-limit': '50',
    'x-ratelimit-remaining': '49',
    'x-ratelimit-reset': String(resetAt),
    ...more,
  };
}

async function reportedRate(headers: Record<string, string>, now: number, aheadMs = 0) {
  const { enviaai, reports } = await adapt(always(200, pageOf([]), headers), {
    now: () => now,
    wall: () => ({ ...unsteppedWallClock, aheadMs }),
  });
  await enviaai.list(caller, firstPage);
  expect(reports).toHaveLength(1);
  return reports[0]!.rate;
}

describe("the reset by this server's clock", () => {
  test.each([-3_600_000, -1000, 999, 3_600_000])(
    'is right if the wall clock was stepped by %i ms since the start',
    async (aheadMs) => {
      // EnviaAI's clock is as it was, or as this machine's wall clock is.
      const unchanged = await reportedRate(rateHeaders(), noon, aheadMs);
      expect(unchanged?.resetAtMs).toBeGreaterThanOrEqual(noon + 29_001);
      expect(unchanged?.resetAtMs).toBeLessThanOrEqual(noon + 31_000);
      const equal = await reportedRate(rateHeaders(), noon - aheadMs, aheadMs);
      expect(equal?.resetAtMs).toBe(noon - aheadMs + 30_000);
      const undated = await reportedRate(rateHeaders({ date: '' }), noon - aheadMs, aheadMs);
      expect(undated?.resetAtMs).toBe(noon - aheadMs + 30_000);
    },
  );

  test.each([
    ['an equal clock', 0, 30_000],
    ['an equal clock, late in the second', 999, 30_000 - 999],
    ['an EnviaAI that is an hour behind', 3_600_000, 30_000],
    ['an EnviaAI that is an hour ahead', -3_600_000, 30_000],
    ['an EnviaAI that is a minute behind, late in the second', 60_999, 30_000],
    ['an EnviaAI that is a little ahead', -1, 30_000],
  ])('is right with %s', async (_, ahead, expectedInMs) => {
    const now = noon + ahead;
    const rate = await reportedRate(rateHeaders(), now);
    expect(rate).toEqual({ limit: 50, remaining: 49, resetAtMs: now + expectedInMs });
  });

  test.each(['', 'now', '2026-02-03T12:00:00Z'])(
    'is not converted if the date is %j',
    async (date) => {
      const rate = await reportedRate(rateHeaders({ date }), noon + 3_600_000);
      expect(rate?.resetAtMs).toBe(resetAt * 1000);
    },
  );
});

test('a header that is not a whole number is ignored', async () => {
  for (const value of [
    '',
    'many',
    '-1',
    '1.5',
    '50, 50',
    '1e3',
    '0x10',
    'Infinity',
    '9'.repeat(20),
  ]) {
    const rate = await reportedRate(
      rateHeaders({ 'x-ratelimit-limit': value, 'x-ratelimit-reset': value }),
      noon,
    );
    expect(rate).toEqual({ limit: null, remaining: 49, resetAtMs: null });
  }
});

test('a reset after the year 9999 is ignored', async () => {
  const rate = await reportedRate(rateHeaders({ 'x-ratelimit-reset': '253402300800' }), noon);
  expect(rate?.resetAtMs).toBeNull();
});

test('0 remaining is reported', async () => {
  expect((await reportedRate(rateHeaders({ 'x-ratelimit-remaining': '0' }), noon))?.remaining).toBe(
    0,
  );
});

test('a response without the headers reports nothing', async () => {
  expect(await reportedRate({}, noon)).toBeNull();
});

test('error responses and broken bodies report the budget too', async () => {
  const { enviaai, reports } = await adapt(
    (request, response) => {
      if (request.url?.includes('?')) response.writeHead(429, rateHeaders()).end('{}');
      else response.writeHead(200, rateHeaders()).end('<html>');
    },
    { now: () => noon },
  );
  await failureOf(enviaai.list(caller, firstPage));
  await failureOf(enviaai.get(caller, 'inst_1'));
  const rate = { limit: 50, remaining: 49, resetAtMs: resetAt * 1000 };
  expect(reports).toMatchObject([
    { outcome: 'rate-limited', rate },
    { outcome: 'malformed', rate },
  ]);
});

test('a response with equal bytes reports the budget too', async () => {
  let remaining = 50;
  const { enviaai, reports } = await adapt((_, response) => {
    remaining -= 1;
    response.writeHead(200, rateHeaders({ 'x-ratelimit-remaining': String(remaining) }));
    response.end(JSON.stringify(pageOf([])));
  });
  const first = await enviaai.list(caller, firstPage);
  await enviaai.list(caller, firstPage, first);
  expect(reports.map(({ rate }) => rate?.remaining)).toEqual([49, 48]);
});
