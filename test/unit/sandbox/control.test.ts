import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { isThisMachine } from '#src/sandbox/controls/control-routes.ts';
import {
  send,
  sendAs,
  controlUrl,
  idsOf,
  sandboxWith,
  postControl,
} from '#test/support/sandbox/sandbox.ts';

describe('the controls', () => {
  test('status sets the status of an instance for the next read', async () => {
    const { url } = await sandboxWith();
    const { status, body } = await postControl(url, 'status', {
      id: 'inst_ghi789',
      status: 'connecting',
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ key: 'sandbox', total: 3, instance: { status: 'connecting' } });
    expect((await send(url, '/instances/inst_ghi789')).body.data.status).toBe('connecting');
  });

  test('add appends or inserts instances with new ids', async () => {
    const { url } = await sandboxWith();
    const atEnd = (await postControl(url, 'add', { count: 2 })).body.added;
    const [inFront] = (await postControl(url, 'add', { at: 0 })).body.added;
    const ids = idsOf(await send(url, '/instances'));
    expect(ids).toHaveLength(6);
    expect(new Set(ids).size).toBe(6);
    expect(ids[0]).toBe(inFront.id);
    expect(ids.slice(4)).toEqual(atEnd.map(({ id }: { id: string }) => id));
  });

  test('add accepts any values for fields, and omits fields', async () => {
    const { url, control } = await sandboxWith({ instances: 0 });
    await postControl(url, 'add', { instance: { id: 'inst_odd1', phone: 5511, settings: null } });
    control.add({ omit: ['name', 'settings'] });
    const { data } = (await send(url, '/instances')).body;
    expect(data[0]).toMatchObject({ id: 'inst_odd1', phone: 5511, settings: null });
    expect(data[1]).not.toHaveProperty('name');
    expect(data[1]).not.toHaveProperty('settings');
  });

  test('remove deletes instances, and their ids are not used again', async () => {
    const { url } = await sandboxWith({ instances: 5 });
    const [first, second, , , last] = idsOf(await send(url, '/instances'));
    await postControl(url, 'remove', { id: last });
    const { body } = await postControl(url, 'remove', { ids: [first, second] });
    expect(body).toMatchObject({ total: 2, removed: [first, second] });
    const [added] = (await postControl(url, 'add', {})).body.added;
    expect([first, second, last]).not.toContain(added.id);
    expect((await send(url, `/instances/${first}`)).status).toBe(404);
  });

  test('spend uses some or all of the budget', async () => {
    const { url } = await sandboxWith();
    expect((await postControl(url, 'spend', { requests: 20 })).body.remaining).toBe(30);
    const { body } = await postControl(url, 'spend', { remaining: 0 });
    expect(body).toMatchObject({ limit: 50, remaining: 0, resetAt: expect.any(String) });
    expect((await send(url, '/instances')).status).toBe(429);
  });

  test('stir changes a row of its key with each call, and no row of other keys', async () => {
    const { url } = await sandboxWith({ instances: 30 });
    await postControl(url, 'stir', { on: true });
    const dataOf = async (path: string, key = 'sandbox') => {
      const replies = [await sendAs(key, url, path), await sendAs(key, url, path)];
      return replies.map(({ body }) => JSON.stringify(body.data));
    };
    for (const path of ['/instances?limit=10', '/instances?offset=12', '/instances/inst_abc123']) {
      const [first, second] = await dataOf(path);
      expect(first, path).not.toBe(second);
      expect(first?.replaceAll(/"lastSeenAt":"[^"]*",?/g, '')).toBe(
        second?.replaceAll(/"lastSeenAt":"[^"]*",?/g, ''),
      );
      expect(new Set(await dataOf(path, 'other')).size, path).toBe(1);
    }
    await postControl(url, 'stir', { on: false });
    expect(new Set(await dataOf('/instances')).size).toBe(1);
  });

  test('reset restores the state of a key before its first use', async () => {
    const { url, control } = await sandboxWith();
    control.remove({ ids: ['inst_abc123', 'inst_def456'] });
    control.fail({ times: 5 });
    await send(url, '/instances');
    expect((await postControl(url, 'reset', {})).body).toEqual({
      success: true,
      key: 'sandbox',
      total: 3,
      limit: 50,
      remaining: 50,
      resetAt: null,
      failing: 0,
    });
    expect(control.calls().calls).toEqual([]);
  });

  test('calls lists the calls of a key with status and request id', async () => {
    const { url, control } = await sandboxWith();
    const headers = { authorization: 'Bearer k', 'x-request-id': 'r1' };
    await send(url, '/instances?status=all&limit=100&offset=0', { headers });
    await send(url, '/instances/none', { headers });
    const calls = [
      { call: 'GET /instances?status=all&limit=100&offset=0', status: 200, requestId: 'r1' },
      { call: 'GET /instances/none', status: 404, requestId: 'r1' },
    ];
    expect((await send(controlUrl(url, 'calls?key=k'), '')).body).toEqual({
      success: true,
      key: 'k',
      calls,
    });
    expect(control.calls({ key: 'k' }).calls).toEqual(calls);
  });
});

describe('requests that the controls reject', () => {
  test.each([
    ['status', { id: 'inst_abc123', status: 'on' }, 'connected, disconnected, connecting'],
    ['status', { id: 'inst_none', status: 'connected' }, 'no instance "inst_none"'],
    ['status', { status: 'connected' }, 'id must be a string'],
    ['add', { count: 0 }, 'count must be a whole number from 1 to 10000'],
    ['add', { at: 4 }, 'at must be a whole number from 0 to 3'],
    ['add', { instance: [] }, 'instance must be an object'],
    ['add', { omit: 'name' }, 'omit must be a list of strings'],
    ['remove', {}, 'id must be a string'],
    ['remove', { ids: ['inst_none'] }, 'no instance "inst_none"'],
    ['spend', {}, 'either remaining'],
    ['spend', { remaining: 1, requests: 1 }, 'either remaining'],
    ['spend', { remaining: 51 }, 'from 0 to 50'],
    ['fail', { mode: 'loudly' }, 'status, slow, hang, reset, lost, truncate, invalid-json, html'],
    ['fail', { status: 99 }, 'from 200 to 599'],
    ['fail', { headers: { a: 1 } }, 'headers must be an object'],
    ['fail', { on: 'posts' }, 'any, reads, writes'],
    ['fail', { mode: 'lost', performed: false }, 'always performed'],
    ['scan', { id: 'inst_abc123' }, 'no code to scan: "inst_abc123" is connected'],
    ['scan', { id: 'inst_none' }, 'no instance "inst_none"'],
    ['qr', { id: 'inst_abc123', expire: 'code' }, 'no attempt runs'],
    ['qr', { expire: 'code' }, 'id and expire together'],
    ['qr', { codes: 0 }, 'codes must be a whole number from 1 to 1000'],
    ['flap', { on: true, everyMs: 0 }, 'everyMs must be a whole number from 1 to 3600000'],
    ['webhook', {}, 'url must be a string'],
    ['webhook', { url: 'http://[::1]:1', retriesMs: [-1] }, 'retriesMs must be a list'],
    ['official', { id: 'inst_none', on: true }, 'no instance "inst_none"'],
    ['lag', { ms: -1 }, 'ms must be a whole number from 0 to 600000'],
    ['behave', { connectWhenPending: 'other' }, 'same, new'],
    ['behave', { mergeSettings: 'yes' }, 'mergeSettings must be true or false'],
    ['stir', {}, 'on must be true or false'],
    ['reset', { key: 'two words' }, 'key must be'],
    ['reset', { whole: true }, 'no field "whole". The fields are key.'],
    ['reset', [], 'must be a JSON object'],
  ])('%s %j is rejected with a message that says what is allowed', async (name, body, sentence) => {
    const { url } = await sandboxWith();
    const answer = await postControl(url, name, body);
    expect(answer.status).toBe(400);
    expect(answer.body.error.message).toContain(sentence);
  });

  test('a body that is not JSON, too large, or of another content-type is rejected without effect', async () => {
    const { url } = await sandboxWith();
    const statusFor = async (type: string, body: string) => {
      const headers = { 'content-type': type };
      return (await fetch(controlUrl(url, 'add'), { method: 'POST', headers, body })).status;
    };
    expect(await statusFor('application/json', '{')).toBe(400);
    expect(await statusFor('text/plain', '{}')).toBe(415);
    expect(await statusFor('application/x-www-form-urlencoded', '{}')).toBe(415);
    expect(await statusFor('application/json', `{"key":"${'k'.repeat(1_048_576)}"}`)).toBe(413);
    expect((await send(url, '/instances')).body.pagination.total).toBe(3);
  });

  test('a request with a foreign host name is rejected (DNS rebinding)', async () => {
    const { url } = await sandboxWith();
    const status = await new Promise((resolve, reject) => {
      const headers = { host: 'evil.example', 'content-type': 'application/json' };
      request(controlUrl(url, 'add'), { method: 'POST', headers }, ({ statusCode }) =>
        resolve(statusCode),
      )
        .on('error', reject)
        .end('{}');
    });
    expect(status).toBe(403);
  });

  test('only loopback addresses and names are accepted', () => {
    for (const address of ['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1']) {
      expect(isThisMachine(address, 'localhost:4010'), address).toBe(true);
    }
    for (const address of ['10.0.0.7', '::ffff:10.0.0.7', 'fe80::1', undefined]) {
      expect(isThisMachine(address, 'localhost:4010'), address).toBe(false);
    }
    expect(isThisMachine('127.0.0.1', '[::1]:4010')).toBe(true);
    expect(isThisMachine('127.0.0.1', 'localhost.evil.example')).toBe(false);
    expect(isThisMachine('127.0.0.1', undefined)).toBe(false);
  });

  test('/sandbox lists the controls by GET and POST; unknown controls are 404', async () => {
    const { url, control } = await sandboxWith();
    const listUrl = url.replace(/v1$/, 'sandbox');
    for (const method of ['GET', 'POST']) {
      const text = await (await fetch(listUrl, { method })).text();
      for (const name of Object.keys(control)) expect(text).toContain(name);
    }
    expect((await postControl(url, 'explode', {})).status).toBe(404);
    expect((await postControl(url, 'toString', {})).status).toBe(404);
    expect((await fetch(controlUrl(url, 'add'))).status).toBe(405);
    for (const name of ['calls', 'writes', 'deliveries']) {
      expect((await postControl(url, name, {})).status).toBe(405);
    }
  });
});
