import { describe, expect, test } from 'vitest';
import { createBulkhead } from '#src/reading/upstream/bulkhead.ts';
import { runClock } from '#test/support/budget/run-clock.ts';
import { createDispatcher, failing } from '#test/support/reading/dispatcher.ts';

const write = { hasOwnScope: true };
const stays = new AbortController().signal;
const settled = () => new Promise((resolve) => setImmediate(resolve));

test.each(['unavailable', 'timeout', 'outcome-unknown'] as const)(
  'a write that is %s is not sent again; a read is, if EnviaAI may answer in a moment',
  async (kind) => {
    const { send, sent } = createDispatcher(50);
    const end = failing(kind);
    await expect(send('write', 'write', { ...write, end })).rejects.toMatchObject({ kind });
    await expect(send('read', 'required', { end })).rejects.toMatchObject({ kind });
    const reads = kind === 'unavailable' ? ['read', 'read', 'read'] : ['read'];
    expect(sent).toEqual(['write', ...reads]);
  },
);

describe('the budget', () => {
  test('a write may take the last request, and the next one fails with nothing sent', async () => {
    const { send, sent } = createDispatcher(2);
    await send('read', 'required');
    await send('first', 'write', write);
    await expect(send('second', 'write', write)).rejects.toMatchObject({
      kind: 'rate-limited',
      retryAfterMs: 60_000,
    });
    expect(sent).toEqual(['read', 'first']);
  });

  test('a write waits for a window that begins within 2 s', async () => {
    const waits: number[] = [];
    const { send, sent, clock } = createDispatcher(1, { onWait: (ms) => waits.push(ms) });
    await send('read', 'required');
    clock.advance(57_999);
    await expect(send('early', 'write', write)).rejects.toMatchObject({ kind: 'rate-limited' });
    clock.advance(1);
    const written = send('write', 'write', write);
    await settled();
    expect(sent).toEqual(['read']);
    clock.advance(2000);
    await written;
    expect(waits).toEqual([2000]);
    expect(sent).toEqual(['read', 'write']);
  });

  test('reads that waited before it leave a write the only request of the window', async () => {
    const { send, sent, clock } = createDispatcher(1);
    await send('first', 'required');
    clock.advance(59_000);
    const read = send('read', 'required');
    await settled();
    const written = send('write', 'write', write);
    await settled();
    clock.advance(1000);
    await written;
    await expect(read).rejects.toMatchObject({ kind: 'rate-limited' });
    expect(sent).toEqual(['first', 'write']);
  });

  test('reads may have what a write that gave up left to them', async () => {
    const { send, sent, clock } = createDispatcher(1);
    await send('first', 'required');
    clock.advance(59_000);
    const leaving = new AbortController();
    const written = send('write', 'write', { ...write, signal: leaving.signal });
    await settled();
    leaving.abort();
    await expect(written).rejects.toMatchObject({ kind: 'rate-limited' });
    clock.advance(1000);
    await send('read', 'required');
    expect(sent).toEqual(['first', 'read']);
  });

  test('a caller that has had its fair share can still write, to the last request', async () => {
    const { send, sent } = createDispatcher(50);
    const caller = { kind: 'sharer', id: 'one' } as const;
    const reads = Array.from({ length: 50 }, () => send('read', 'required', { caller }));
    const results = await Promise.allSettled(reads);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(45);
    for (let count = 0; count < 5; count += 1) await send('write', 'write', { ...write, caller });
    await expect(send('write', 'write', { ...write, caller })).rejects.toMatchObject({
      kind: 'rate-limited',
    });
    expect(sent.filter((name) => name === 'write')).toHaveLength(5);
  });

  test.each([7, 49, 50])('each waiting write has one request of %i reserved', async (limit) => {
    const { send, sent, clock } = createDispatcher(limit);
    const all = await Promise.allSettled(
      Array.from({ length: limit + 1 }, () => send('old', 'required')),
    );
    expect(all.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    clock.advance(59_000);
    const reads = Array.from({ length: limit }, () => send('read', 'required'));
    await settled();
    const writes = Array.from({ length: 3 }, () => send('write', 'write', write));
    await settled();
    clock.advance(1000);
    await Promise.all(writes);
    runClock(clock);
    await Promise.allSettled(reads);
    expect(sent.filter((name) => name === 'write')).toHaveLength(3);
    expect(sent.filter((name) => name === 'read').length).toBe(limit - 3);
  });
});

describe('the key', () => {
  test('a write that needs another scope leaves the reads and what they have cached', async () => {
    const { send, dropped } = createDispatcher(50);
    const end = failing('forbidden', { status: 403 });
    await expect(send('write', 'write', { ...write, end })).rejects.toMatchObject({
      kind: 'forbidden',
    });
    expect(dropped).toEqual([]);
    expect(await send('read', 'required')).toBe('read');
  });

  test('a key that may not read is still tried for a write', async () => {
    const { send, dropped } = createDispatcher(50);
    const end = failing('forbidden', { status: 403 });
    await expect(send('read', 'required', { end })).rejects.toMatchObject({ kind: 'forbidden' });
    expect(dropped).toEqual(['tenant']);
    expect(await send('write', 'write', write)).toBe('write');
    await expect(send('read', 'required')).rejects.toMatchObject({ kind: 'forbidden' });
  });

  test('a key that a write finds refused is refused to all', async () => {
    const { send, sent, dropped } = createDispatcher(50);
    const end = failing('unauthorized', { status: 401 });
    await expect(send('write', 'write', { ...write, end })).rejects.toMatchObject({
      kind: 'unauthorized',
    });
    await expect(send('read', 'required')).rejects.toMatchObject({ kind: 'unauthorized' });
    await expect(send('write', 'write', write)).rejects.toMatchObject({ kind: 'unauthorized' });
    expect(dropped).toEqual(['tenant']);
    expect(sent).toEqual(['write']);
  });

  test('a write that is done stays done when the key is refused meanwhile', async () => {
    const { send } = createDispatcher(50);
    const refused = failing('unauthorized', { status: 401 });
    const meanwhile = async () =>
      void (await send('other', 'required', { end: refused }).catch(() => {}));
    expect(await send('write', 'write', { ...write, end: meanwhile })).toBe('write');
    await expect(send('read', 'required', { end: meanwhile })).rejects.toMatchObject({
      kind: 'unauthorized',
    });
  });
});

describe('the circuit breaker', () => {
  test.each([
    [undefined, 'unavailable'],
    [503, 'unavailable'],
    [200, null],
  ] as const)('after five writes of unknown outcome with status %s', async (status, kind) => {
    const { send, sent } = createDispatcher(50);
    const end = failing('outcome-unknown', { status, cause: 'ETIMEDOUT' });
    for (let count = 0; count < 5; count += 1) {
      await send('write', 'write', { ...write, end }).catch(() => {});
    }
    const next = send('next', 'write', write);
    if (kind === null) await next;
    else await expect(next).rejects.toMatchObject({ kind });
    expect(sent).toHaveLength(kind === null ? 6 : 5);
    // A connection was made each time, so other keys are not affected.
    expect(await send('other', 'required', { tenant: 'other' })).toBe('other');
  });
});

test('writes enter the bulkhead ahead of the reads that wait, in their order', async () => {
  const bulkhead = createBulkhead({ total: 1, perTenant: 1 });
  const order: string[] = [];
  const leave = await bulkhead.enter('tenant', stays);
  const run = async (name: string, isFirst: boolean) => {
    const done = await bulkhead.enter('tenant', stays, { caller: name[0], isFirst });
    order.push(name);
    done();
  };
  const runs = [
    run('a1', false),
    run('b1', false),
    run('a write', true),
    run('a2', false),
    run('b write', true),
  ];
  leave();
  await Promise.all(runs);
  expect(order).toEqual(['a write', 'b write', 'a1', 'b1', 'a2']);
});
