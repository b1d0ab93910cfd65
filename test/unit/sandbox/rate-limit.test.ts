import { describe, expect, test } from 'vitest';
import { ask, askAs, sandboxWith } from '#test/support/sandbox/sandbox.ts';

const noon = Date.parse('2026-03-01T12:00:00.250Z');

async function sandboxAtNoon(ratePerMinute = 3) {
  const clock = { at: noon };
  return { clock, ...(await sandboxWith({ ratePerMinute, now: () => clock.at })) };
}

describe('the budget of a key', () => {
  test('every answer counts down to the reset a minute after the first call', async () => {
    const { url, clock } = await sandboxAtNoon();
    const paths = ['/instances', '/instances/none', '/instances?limit=0'];
    for (const [index, path] of paths.entries()) {
      const { headers } = await ask(url, path);
      expect(headers.get('x-ratelimit-limit')).toBe('3');
      expect(headers.get('x-ratelimit-remaining')).toBe(String(2 - index));
      // Rounded up from .250, so that waiting until then is enough.
      expect(headers.get('x-ratelimit-reset')).toBe(String(Math.ceil(noon / 1000) + 60));
      expect(headers.get('date')).toBe(new Date(clock.at).toUTCString());
      clock.at += 1000;
    }
  });

  test('past the limit every call is 429 with the seconds to wait in its body alone', async () => {
    const { url, clock } = await sandboxAtNoon(1);
    await ask(url, '/instances');
    clock.at += 20_500;
    const { status, headers, body } = await ask(url, '/instances');
    expect(status).toBe(429);
    expect(body).toEqual({
      error: { code: 'rate_limit_exceeded', message: expect.any(String), retryAfter: 40 },
    });
    expect(headers.get('x-ratelimit-remaining')).toBe('0');
    expect(headers.has('retry-after')).toBe(false);
  });

  test('a minute after the first call of the window the whole budget is back', async () => {
    const { url, clock } = await sandboxAtNoon(1);
    await ask(url, '/instances');
    clock.at += 59_999;
    expect((await ask(url, '/instances')).status).toBe(429);
    clock.at += 1;
    expect((await ask(url, '/instances')).status).toBe(200);
  });

  test('each key has a budget of its own', async () => {
    const { url } = await sandboxAtNoon(1);
    expect((await askAs('a', url)).status).toBe(200);
    expect((await askAs('a', url)).status).toBe(429);
    expect((await askAs('b', url)).status).toBe(200);
  });

  test('50 requests a minute are allowed unless told otherwise', async () => {
    const { url, control } = await sandboxWith();
    control.spend({ requests: 49 });
    expect((await ask(url, '/instances')).headers.get('x-ratelimit-limit')).toBe('50');
    expect((await ask(url, '/instances')).status).toBe(429);
  });

  test('the key used least recently is dropped once ten thousand others came', async () => {
    const { control } = await sandboxWith();
    control.spend({ key: 'old', remaining: 0 });
    control.spend({ key: 'kept', remaining: 0 });
    for (let index = 0; index < 9999; index += 1) control.calls({ key: `k${index}` });
    expect(control.spend({ key: 'kept', requests: 0 }).remaining).toBe(0);
    expect(control.spend({ key: 'old', requests: 0 }).remaining).toBe(50);
  });
});
