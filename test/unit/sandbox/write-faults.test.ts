import { describe, expect, test } from 'vitest';
import type { FailInput } from '#src/sandbox/controls/control.ts';
import { send, sandboxWith, write } from '#test/support/sandbox/sandbox.ts';

describe('faults of writes', () => {
  const performedWith = async (fault: FailInput): Promise<number> => {
    const { url, control } = await sandboxWith();
    control.fail(fault);
    const caller = new AbortController();
    const headers = { authorization: 'Bearer sandbox', 'content-type': 'application/json' };
    const body = JSON.stringify({ name: 'A' });
    const call = fetch(`${url}/instances`, {
      method: 'POST',
      headers,
      body,
      redirect: 'manual',
      signal: caller.signal,
    })
      .then((response) => response.text())
      .catch(() => undefined);
    await expect.poll(() => control.calls().calls.length, { interval: 1 }).toBe(1);
    if (fault.mode === 'hang') caller.abort();
    await call;
    const { total } = (await send(url, '/instances')).body.pagination;
    expect(control.writes().writes).toHaveLength(total - 3);
    return total - 3;
  };

  test.each<FailInput>([
    { mode: 'reset' },
    { mode: 'hang' },
    { mode: 'html' },
    { status: 500 },
    { status: 422, code: 'undocumented' },
    { status: 429, body: {} },
    { status: 302, headers: { location: '/v1/elsewhere' } },
  ])('%j answers before the write is performed', async (fault) => {
    expect(await performedWith(fault)).toBe(0);
  });

  test.each<FailInput>([
    { mode: 'lost' },
    { mode: 'truncate' },
    { mode: 'invalid-json' },
    { mode: 'slow', delayMs: 1 },
    { status: 200, body: 'odd' },
    { status: 500, performed: true },
    { mode: 'reset', performed: true },
    { mode: 'hang', performed: true },
    { mode: 'html', performed: true },
  ])('%j performs the write once', async (fault) => {
    expect(await performedWith(fault)).toBe(1);
  });

  test('lost resets the connection, and the call has no status', async () => {
    const { url, control } = await sandboxWith();
    control.fail({ mode: 'lost' });
    await expect(write(url, 'POST /instances', { name: 'A' })).rejects.toThrow('fetch failed');
    expect(control.calls().calls).toMatchObject([{ call: 'POST /instances', status: null }]);
  });

  test('a fault of writes spares reads, and a fault of reads spares writes', async () => {
    const { url, control } = await sandboxWith();
    control.fail({ on: 'writes', status: 503 });
    expect((await send(url, '/instances')).status).toBe(200);
    expect((await write(url, 'POST /instances', { name: 'A' })).status).toBe(503);
    control.fail({ on: 'reads', status: 503 });
    expect((await write(url, 'POST /instances', { name: 'A' })).status).toBe(201);
    expect((await send(url, '/instances')).status).toBe(503);
  });
});
