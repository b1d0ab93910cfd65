import { expect, test } from 'vitest';
import { startHttp } from '#test/support/http/start-http.ts';

test('/healthz returns 200 and the version with an unreachable upstream', async () => {
  const { origin } = await startHttp({ version: '1.2.3', reachability: () => 'unreachable' });
  const response = await fetch(`${origin}/healthz`);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ status: 'ok', version: '1.2.3' });
});

test.each([
  ['reachable', 'ok'],
  ['unreachable', 'degraded'],
] as const)(
  'with a %s upstream, /readyz returns 200 and the status %s',
  async (upstream, status) => {
    const { origin } = await startHttp({ reachability: () => upstream });
    const response = await fetch(`${origin}/readyz`);
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toEqual({ status, upstream });
  },
);
