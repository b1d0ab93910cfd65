import { describe, expect, test } from 'vitest';
import { idsOf, send, sandboxWith, write } from '#test/support/sandbox/sandbox.ts';
import { createTestClock } from '#test/support/clock.ts';

const now = () => Date.UTC(2026, 5, 1);

describe('POST /instances', () => {
  test('a new instance has the documented defaults, webhookEvents and no lastSeenAt', async () => {
    const { url } = await sandboxWith({ now });
    const { status, body } = await write(url, 'POST /instances', { name: 'Vendas' });
    expect(status).toBe(201);
    expect(body).toEqual({
      success: true,
      data: {
        id: expect.stringMatching(/^inst_[a-z0-9]+$/),
        name: 'Vendas',
        phone: null,
        status: 'disconnected',
        profileName: null,
        profilePicUrl: null,
        createdAt: '2026-06-01T00:00:00.000Z',
        webhookUrl: null,
        webhookEvents: [],
        settings: { autoRead: false, autoTyping: true },
      },
    });
    expect((await send(url, `/instances/${body.data.id}`)).body.data).toEqual(body.data);
    expect(idsOf(await send(url, '/instances')).at(-1)).toBe(body.data.id);
  });

  test('every field of the body is stored, and fields that are not documented are ignored', async () => {
    const { url } = await sandboxWith();
    const given = {
      name: 'Vendas',
      webhookUrl: 'https://example.com/hook',
      webhookEvents: ['instance.connected'],
      settings: { autoRead: true },
    };
    const { body } = await write(url, 'POST /instances', { ...given, status: 'connected' });
    expect(body.data).toMatchObject({
      ...given,
      status: 'disconnected',
      settings: { autoRead: true, autoTyping: true },
    });
  });

  test('two instances of one name have different ids', async () => {
    const { url } = await sandboxWith();
    const ids = [
      (await write(url, 'POST /instances', { name: 'A' })).body.data.id,
      (await write(url, 'POST /instances', { name: 'A' })).body.data.id,
    ];
    expect(new Set([...ids, 'inst_abc123']).size).toBe(3);
  });
});

describe('PATCH /instances/{id}', () => {
  test('the response is a part of the instance, and the whole one is changed', async () => {
    const { url } = await sandboxWith();
    const before = (await send(url, '/instances/inst_abc123')).body.data;
    const { status, body } = await write(url, 'PATCH /instances/inst_abc123', {
      name: 'New',
      webhookEvents: ['message.sent'],
    });
    expect(status).toBe(200);
    const { id, webhookUrl, settings } = before;
    expect(body).toEqual({ success: true, data: { id, name: 'New', webhookUrl, settings } });
    expect((await send(url, '/instances/inst_abc123')).body.data).toEqual({
      ...before,
      name: 'New',
      webhookEvents: ['message.sent'],
    });
  });

  test('webhookUrl null removes the webhook', async () => {
    const { url } = await sandboxWith();
    const { body } = await write(url, 'PATCH /instances/inst_abc123', { webhookUrl: null });
    expect(body.data.webhookUrl).toBeNull();
  });

  test.each([
    [true, { autoRead: true, autoTyping: false }],
    [false, { autoRead: false, autoTyping: false }],
  ])('with mergeSettings %s, a setting that is left out is %j', async (mergeSettings, settings) => {
    const { url, control } = await sandboxWith();
    control.behave({ mergeSettings });
    const path = 'PATCH /instances/inst_def456';
    const { body } = await write(url, path, { settings: { autoTyping: false } });
    expect(body.data.settings).toEqual(settings);
    expect((await send(url, '/instances/inst_def456')).body.data.settings).toEqual(settings);
  });
});

describe('writes that are rejected', () => {
  test.each([
    [undefined, 'invalid_parameters'],
    [[], 'invalid_parameters'],
    [{}, 'invalid_parameters'],
    [{ name: '' }, 'invalid_parameters'],
    [{ name: ' ' }, 'invalid_parameters'],
    [{ name: 5 }, 'invalid_parameters'],
    [{ name: 'A', webhookUrl: 'example.com' }, 'invalid_webhook_url'],
    [{ name: 'A', webhookUrl: 'ftp://example.com' }, 'invalid_webhook_url'],
    [{ name: 'A', webhookUrl: 5 }, 'invalid_webhook_url'],
    [{ name: 'A', webhookEvents: 'all' }, 'invalid_parameters'],
    [{ name: 'A', webhookEvents: [''] }, 'invalid_parameters'],
    [{ name: 'A', settings: null }, 'invalid_parameters'],
    [{ name: 'A', settings: { autoRead: 1 } }, 'invalid_parameters'],
    [{ name: 'A'.repeat(65_536) }, 'invalid_parameters'],
  ])('create and update reject %j with %s, and change nothing', async (body, code) => {
    const { url, control } = await sandboxWith();
    const before = (await send(url, '/instances')).body;
    for (const call of ['POST /instances', 'PATCH /instances/inst_abc123'] as const) {
      const answer = await write(url, call, body);
      expect(answer.status).toBe(400);
      expect(answer.body).toEqual({
        success: false,
        error: { code, message: expect.any(String), requestId: expect.any(String) },
      });
    }
    expect((await send(url, '/instances')).body).toEqual(before);
    expect(control.writes().writes).toEqual([]);
  });

  test('a body that is not JSON, or has another Content-Type, is rejected', async () => {
    const { url } = await sandboxWith();
    const codeOf = async (type: string, body: string) => {
      const headers = { authorization: 'Bearer sandbox', 'content-type': type };
      return (await send(url, '/instances', { method: 'POST', headers, body })).body.error?.code;
    };
    expect(await codeOf('application/json', '{"name":')).toBe('invalid_parameters');
    expect(await codeOf('text/plain', '{"name":"A"}')).toBe('invalid_parameters');
    expect(await codeOf('application/json; charset=utf-8', '{"name":"A"}')).toBeUndefined();
  });

  test('every call for an unknown id is 404 instance_not_found', async () => {
    const { url } = await sandboxWith();
    const answers = [
      await write(url, 'PATCH /instances/inst_none', { name: 'A' }),
      await write(url, 'POST /instances/inst_none/connect', { method: 'qrcode' }),
      await write(url, 'POST /instances/inst_none/disconnect'),
      await send(url, '/instances/inst_none/status'),
      await send(url, '/instances/inst_none/qrcode'),
    ];
    for (const { status, body } of answers) {
      expect([status, body.error.code]).toEqual([404, 'instance_not_found']);
    }
  });

  test('the key read-only reads, and its writes are 403 insufficient_permissions', async () => {
    const { url, control } = await sandboxWith();
    const headers = { authorization: 'Bearer read-only' };
    expect((await send(url, '/instances/inst_abc123/status', { headers })).status).toBe(200);
    const { status, body } = await write(url, 'POST /instances', { name: 'A' }, 'read-only');
    expect([status, body.error.code]).toEqual([403, 'insufficient_permissions']);
    expect(control.writes({ key: 'read-only' }).writes).toEqual([]);
  });

  test('writes and the new reads spend the same budget as lists', async () => {
    const { url, control } = await sandboxWith({ ratePerMinute: 4, now });
    await write(url, 'POST /instances', { name: 'A' });
    await write(url, 'POST /instances', {});
    await send(url, '/instances/inst_abc123/status');
    expect((await send(url, '/instances')).headers.get('x-ratelimit-remaining')).toBe('0');
    const { status, body } = await write(url, 'POST /instances', { name: 'B' });
    expect([status, body.error.code]).toEqual([429, 'rate_limit_exceeded']);
    expect(control.writes().writes).toHaveLength(1);
  });
});

describe('the record of writes', () => {
  test('it has each performed write with its id, body and time, and no read', async () => {
    const clock = createTestClock(now());
    const { url, control } = await sandboxWith({ now: clock.now });
    const headers = { authorization: 'Bearer sandbox', 'x-request-id': 'r1' };
    await send(url, '/instances/inst_abc123/disconnect', { method: 'POST', headers });
    clock.advance(1000);
    await write(url, 'PATCH /instances/inst_abc123', { name: 'A', extra: 1 });
    await send(url, '/instances');
    const { writes } = (await send(url.replace(/v1$/, 'sandbox/writes?key=sandbox'), '')).body;
    expect(writes).toEqual([
      {
        call: 'POST /instances/inst_abc123/disconnect',
        id: 'inst_abc123',
        requestId: 'r1',
        body: null,
        at: '2026-06-01T00:00:00.000Z',
      },
      {
        call: 'PATCH /instances/inst_abc123',
        id: 'inst_abc123',
        requestId: expect.stringMatching(/^req_/),
        body: { name: 'A', extra: 1 },
        at: '2026-06-01T00:00:01.000Z',
      },
    ]);
    expect(control.writes().writes).toEqual(writes);
  });
});
