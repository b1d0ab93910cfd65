import { describe, expect, test } from 'vitest';
import { send, sendAs, sandboxWith } from '#test/support/sandbox/sandbox.ts';

const noon = Date.parse('2026-03-01T12:00:00.250Z');

async function sandboxAtNoon(ratePerMinute = 3) {
  const clock = { at: noon };
  return { clock, ...(await sandboxWith({ ratePerMinute, now: () => clock.at })) };
}

describe('the rate limit of a key', () => {
  test('each response has the remaining requests, and the reset a minute after the first call', async () => {
    const { url, clock } = await sandboxAtNoon();
    const paths = ['/instances', '/instances/none', '/instances?limit=0'];
    for (const [index, path] of paths.entries()) {
      const { headers } = await send(url, path);
      expect(headers.get('x-ratelimit-limit')).toBe('3');
      expect(headers.get('x-ratelimit-remaining')).toBe(String(2 - index));
      // Rounded up from .250, so that waiting until then is enough.
      expect(headers.get('x-ratelimit-reset')).toBe(String(Math.ceil(noon / 1000) + 60));
      expect(headers.get('date')).toBe(new Date(clock.at).toUTCString());
      clock.at += 1000;
    }
  });

  test('over the limit, each call returns 429 with retryAfter in the body and no Retry-After header', async () => {
    const { url, clock } = await sandboxAtNoon(1);
    await send(url, '/instances');
    clock.at += 20_500;
    const { status, headers, body } = await send(url, '/instances');
    expect(status).toBe(429);
    expect(body).toEqual({
      error: { code: 'rate_limit_exceeded', message: expect.any(String), retryAfter: 40 },
    });
    expect(headers.get('x-ratelimit-remaining')).toBe('0');
    expect(headers.has('retry-after')).toBe(false);
  });

  test('the budget is restored a minute after the first call of the window', async () => {
    const { url, clock } = await sandboxAtNoon(1);
    await send(url, '/instances');
    clock.at += 59_999;
    expect((await send(url, '/instances')).status).toBe(429);
    clock.at += 1;
    expect((await send(url, '/instances')).status).toBe(200);
  });

  test('each key has a separate budget', async () => {
    const { url } = await sandboxAtNoon(1);
    expect((await sendAs('a', url)).status).toBe(200);
    expect((await sendAs('a', url)).status).toBe(429);
    expect((await sendAs('b', url)).status).toBe(200);
  });

  test('the default limit is 50 requests a minute', async () => {
    const { url, control } = await sandboxWith();
    control.spend({ requests: 49 });
    expect((await send(url, '/instances')).headers.get('x-ratelimit-limit')).toBe('50');
    expect((await send(url, '/instances')).status).toBe(429);
  });

  test('of more than 10,000 keys, the least recently used one is dropped', async () => {
    const { control } = await sandboxWith();
    control.spend({ key: 'old', remaining: 0 });
    control.spend({ key: 'recent', remaining: 0 });
    for (let index = 0; index < 9999; index += 1) control.calls({ key: `k${index}` });
    expect(control.spend({ key: 'recent', requests: 0 }).remaining).toBe(0);
    expect(control.spend({ key: 'old', requests: 0 }).remaining).toBe(50);
  });
});
