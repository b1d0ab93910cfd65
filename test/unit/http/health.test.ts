import { expect, test } from 'vitest';
import { startHttp } from '#test/support/http/start-http.ts';

test('it lives, whatever the upstream does', async () => {
  const { origin } = await startHttp({ reachability: () => 'unreachable' });
  const response = await fetch(`${origin}/healthz`);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ status: 'ok' });
});

test.each([
  ['reachable', 'ok'],
  ['unreachable', 'degraded'],
] as const)('it is ready with an upstream that is %s, and says %s', async (upstream, status) => {
  const { origin } = await startHttp({ reachability: () => upstream });
  const response = await fetch(`${origin}/readyz`);
  expect(response.status).toBe(200);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(await response.json()).toEqual({ status, upstream });
});
