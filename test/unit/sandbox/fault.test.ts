import { describe, expect, test } from 'vitest';
import { startSandbox } from '#src/sandbox/sandbox.ts';
import { send, sandboxWith, postControl } from '#test/support/sandbox/sandbox.ts';

const headers = { authorization: 'Bearer sandbox' };

describe('faults', () => {
  test('a fault applies to the given number of calls', async () => {
    const { url } = await sandboxWith();
    expect((await postControl(url, 'fail', { times: 2, status: 503 })).body.failing).toBe(2);
    const statuses = [];
    for (let index = 0; index < 3; index += 1) {
      statuses.push((await send(url, '/instances')).status);
    }
    expect(statuses).toEqual([503, 503, 200]);
  });

  test('faults apply in the order in which they were added; times 0 clears them', async () => {
    const { url, control } = await sandboxWith();
    control.fail({ status: 500 });
    control.fail({ status: 404 });
    control.fail({ status: 503, times: 9 });
    expect((await send(url, '/instances')).status).toBe(500);
    expect((await send(url, '/instances')).status).toBe(404);
    expect(control.fail({ times: 0 }).failing).toBe(0);
    expect((await send(url, '/instances')).status).toBe(200);
  });

  test('a fault has the documented code of its status; 500 has no code', async () => {
    const { url, control } = await sandboxWith();
    const errorFor = async (status: number) => {
      control.fail({ status });
      return (await send(url, '/instances')).body.error;
    };
    expect(await errorFor(403)).toMatchObject({ code: 'insufficient_permissions' });
    expect(await errorFor(429)).toMatchObject({ code: 'rate_limit_exceeded', retryAfter: 60 });
    expect(await errorFor(500)).not.toHaveProperty('code');
  });

  test('a fault can have any code, retryAfter, headers and body', async () => {
    const { url, control } = await sandboxWith();
    control.fail({ status: 429, code: 'slow_down', retryAfter: 'soon' });
    const refused = await send(url, '/instances');
    expect(refused.body.error).toMatchObject({ code: 'slow_down', retryAfter: 'soon' });
    control.fail({
      status: 200,
      body: { success: true, data: 'no list' },
      headers: { 'Retry-After': '7', 'X-RateLimit-Remaining': '-1' },
    });
    const odd = await send(url, '/instances');
    expect(odd.body).toEqual({ success: true, data: 'no list' });
    expect(odd.headers.get('retry-after')).toBe('7');
    expect(odd.headers.get('x-ratelimit-remaining')).toBe('-1');
  });

  test('a failed call spends a request of the budget, and returns its headers', async () => {
    const { url, control } = await sandboxWith();
    control.fail({ status: 500 });
    expect((await send(url, '/instances')).headers.get('x-ratelimit-remaining')).toBe('49');
  });

  test('a fault can return HTML, as a proxy does, or invalid JSON', async () => {
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

  test('a fault can reset the connection, or close it in the middle of the response', async () => {
    const { url, control } = await sandboxWith();
    control.fail({ mode: 'reset' });
    await expect(fetch(`${url}/instances`, { headers })).rejects.toThrow('fetch failed');
    control.fail({ mode: 'truncate' });
    const cut = await fetch(`${url}/instances`, { headers });
    expect(cut.status).toBe(200);
    await expect(cut.text()).rejects.toThrow('terminated');
    expect(control.calls().calls.map(({ status }) => status)).toEqual([null, 200]);
  });

  test('a delayed response has the data of the time when the call arrived', async () => {
    const { url, control } = await sandboxWith();
    control.fail({ delayMs: 100 });
    const late = send(url, '/instances/inst_abc123');
    await expect.poll(() => control.calls().calls.length, { interval: 1 }).toBe(1);
    control.status({ id: 'inst_abc123', status: 'disconnected' });
    expect((await late).body.data.status).toBe('connected');
  });

  test('a call that hangs gets no response until the client aborts it', async () => {
    const { url, control } = await sandboxWith();
    control.fail({ mode: 'hang' });
    const caller = new AbortController();
    const call = fetch(`${url}/instances`, { headers, signal: caller.signal });
    await expect.poll(() => control.calls().calls.length).toBe(1);
    caller.abort();
    await expect(call).rejects.toThrow('aborted');
    expect((await send(url, '/instances')).status).toBe(200);
  });

  test('closing the sandbox ends calls that hang or are delayed', async () => {
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
