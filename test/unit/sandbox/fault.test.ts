import { describe, expect, test } from 'vitest';
import { startSandbox } from '#src/sandbox/sandbox.ts';
import { ask, sandboxWith, tell } from '#test/support/sandbox/sandbox.ts';

const headers = { authorization: 'Bearer sandbox' };

describe('calls that are told to fail', () => {
  test('the next calls fail, as many as asked for, and then all is well', async () => {
    const { url } = await sandboxWith();
    expect((await tell(url, 'fail', { times: 2, status: 503 })).body.failing).toBe(2);
    const statuses = [];
    for (let index = 0; index < 3; index += 1) {
      statuses.push((await ask(url, '/instances')).status);
    }
    expect(statuses).toEqual([503, 503, 200]);
  });

  test('different failures follow each other in the order they were asked for; 0 clears them', async () => {
    const { url, control } = await sandboxWith();
    control.fail({ status: 500 });
    control.fail({ status: 404 });
    control.fail({ status: 503, times: 9 });
    expect((await ask(url, '/instances')).status).toBe(500);
    expect((await ask(url, '/instances')).status).toBe(404);
    expect(control.fail({ times: 0 }).failing).toBe(0);
    expect((await ask(url, '/instances')).status).toBe(200);
  });

  test('a failure has the documented code of its status; 500 has none', async () => {
    const { url, control } = await sandboxWith();
    const errorFor = async (status: number) => {
      control.fail({ status });
      return (await ask(url, '/instances')).body.error;
    };
    expect(await errorFor(403)).toMatchObject({ code: 'insufficient_permissions' });
    expect(await errorFor(429)).toMatchObject({ code: 'rate_limit_exceeded', retryAfter: 60 });
    expect(await errorFor(500)).not.toHaveProperty('code');
  });

  test('a failure can carry any code, wait, header and body', async () => {
    const { url, control } = await sandboxWith();
    control.fail({ status: 429, code: 'slow_down', retryAfter: 'soon' });
    const refused = await ask(url, '/instances');
    expect(refused.body.error).toMatchObject({ code: 'slow_down', retryAfter: 'soon' });
    control.fail({
      status: 200,
      body: { success: true, data: 'no list' },
      headers: { 'Retry-After': '7', 'X-RateLimit-Remaining': '-1' },
    });
    const odd = await ask(url, '/instances');
    expect(odd.body).toEqual({ success: true, data: 'no list' });
    expect(odd.headers.get('retry-after')).toBe('7');
    expect(odd.headers.get('x-ratelimit-remaining')).toBe('-1');
  });

  test('a failed call spends budget, and still tells what is left', async () => {
    const { url, control } = await sandboxWith();
    control.fail({ status: 500 });
    expect((await ask(url, '/instances')).headers.get('x-ratelimit-remaining')).toBe('49');
  });

  test('a page that is not JSON can come instead, as from a proxy or half broken', async () => {
    const { url, control } = await sandboxWith();
    control.fail({ mode: 'html' });
    const html = await fetch(`${url}/instances`, { headers });
    expect([html.status, html.headers.get('content-type')]).toEqual([502, 'text/html']);
    expect(await html.text()).toContain('<html>');
    control.fail({ mode: 'invalid-json' });
    const broken = await fetch(`${url}/instances`, { headers });
    expect(broken.status).toBe(200);
    await expect(broken.json()).rejects.toThrow(SyntaxError);
  });

  test('a connection can break before the answer, or in the middle of it', async () => {
    const { url, control } = await sandboxWith();
    control.fail({ mode: 'reset' });
    await expect(fetch(`${url}/instances`, { headers })).rejects.toThrow('fetch failed');
    control.fail({ mode: 'truncate' });
    const cut = await fetch(`${url}/instances`, { headers });
    expect(cut.status).toBe(200);
    await expect(cut.text()).rejects.toThrow('terminated');
    expect(control.calls().calls.map(({ status }) => status)).toEqual([null, 200]);
  });

  test('a delayed call answers what was true when it came', async () => {
    const { url, control } = await sandboxWith();
    control.fail({ delayMs: 100 });
    const late = ask(url, '/instances/inst_abc123');
    await expect.poll(() => control.calls().calls.length, { interval: 1 }).toBe(1);
    control.status({ id: 'inst_abc123', status: 'disconnected' });
    expect((await late).body.data.status).toBe('connected');
  });

  test('a call that hangs has no answer until the caller gives up', async () => {
    const { url, control } = await sandboxWith();
    control.fail({ mode: 'hang' });
    const caller = new AbortController();
    const call = fetch(`${url}/instances`, { headers, signal: caller.signal });
    await expect.poll(() => control.calls().calls.length).toBe(1);
    caller.abort();
    await expect(call).rejects.toThrow('aborted');
    expect((await ask(url, '/instances')).status).toBe(200);
  });

  test('closing the sandbox ends the calls that hang or are late', async () => {
    const sandbox = await startSandbox();
    const { url, control } = sandbox;
    control.fail({ mode: 'hang' });
    control.fail({ delayMs: 600_000 });
    const calls = Promise.allSettled([
      fetch(`${url}/instances`, { headers }),
      fetch(`${url}/instances`, { headers }),
    ]);
    await expect.poll(() => control.calls().calls.length).toBe(2);
    await sandbox.close();
    expect((await calls).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});
