import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { isThisMachine } from '#src/sandbox/control-routes.ts';
import { ask, askAs, controlUrl, idsOf, sandboxWith, tell } from '#test/support/sandbox/sandbox.ts';

describe('changing an account while the sandbox runs', () => {
  test('an instance’s status can be set, and the next read sees it', async () => {
    const { url } = await sandboxWith();
    const { status, body } = await tell(url, 'status', { id: 'inst_ghi789', status: 'connecting' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ key: 'sandbox', total: 3, instance: { status: 'connecting' } });
    expect((await ask(url, '/instances/inst_ghi789')).body.data.status).toBe('connecting');
  });

  test('instances can be added at the end, or at a place, and have ids never seen before', async () => {
    const { url } = await sandboxWith();
    const atEnd = (await tell(url, 'add', { count: 2 })).body.added;
    const [inFront] = (await tell(url, 'add', { at: 0 })).body.added;
    const ids = idsOf(await ask(url, '/instances'));
    expect(ids).toHaveLength(6);
    expect(new Set(ids).size).toBe(6);
    expect(ids[0]).toBe(inFront.id);
    expect(ids.slice(4)).toEqual(atEnd.map(({ id }: { id: string }) => id));
  });

  test('an added instance takes any fields, however odd, and can lack any', async () => {
    const { url, control } = await sandboxWith({ instances: 0 });
    await tell(url, 'add', { instance: { id: 'inst_odd1', phone: 5511, settings: null } });
    control.add({ omit: ['name', 'settings'] });
    const { data } = (await ask(url, '/instances')).body;
    expect(data[0]).toMatchObject({ id: 'inst_odd1', phone: 5511, settings: null });
    expect(data[1]).not.toHaveProperty('name');
    expect(data[1]).not.toHaveProperty('settings');
  });

  test('instances can be removed, and their ids do not come back', async () => {
    const { url } = await sandboxWith({ instances: 5 });
    const [first, second, , , last] = idsOf(await ask(url, '/instances'));
    await tell(url, 'remove', { id: last });
    const { body } = await tell(url, 'remove', { ids: [first, second] });
    expect(body).toMatchObject({ total: 2, removed: [first, second] });
    const [added] = (await tell(url, 'add', {})).body.added;
    expect([first, second, last]).not.toContain(added.id);
    expect((await ask(url, `/instances/${first}`)).status).toBe(404);
  });

  test('the budget can be spent, in part or whole', async () => {
    const { url } = await sandboxWith();
    expect((await tell(url, 'spend', { requests: 20 })).body.remaining).toBe(30);
    const { body } = await tell(url, 'spend', { remaining: 0 });
    expect(body).toMatchObject({ limit: 50, remaining: 0, resetAt: expect.any(String) });
    expect((await ask(url, '/instances')).status).toBe(429);
  });

  test('the rows of a stirred key change from call to call, those of others do not', async () => {
    const { url } = await sandboxWith({ instances: 30 });
    await tell(url, 'stir', { on: true });
    const answersOf = async (path: string, key = 'sandbox') => {
      const answers = [await askAs(key, url, path), await askAs(key, url, path)];
      return answers.map(({ body }) => JSON.stringify(body.data));
    };
    for (const path of ['/instances?limit=10', '/instances?offset=12', '/instances/inst_abc123']) {
      const [first, second] = await answersOf(path);
      expect(first, path).not.toBe(second);
      expect(first?.replaceAll(/"lastSeenAt":"[^"]*",?/g, '')).toBe(
        second?.replaceAll(/"lastSeenAt":"[^"]*",?/g, ''),
      );
      expect(new Set(await answersOf(path, 'other')).size, path).toBe(1);
    }
    await tell(url, 'stir', { on: false });
    expect(new Set(await answersOf('/instances')).size).toBe(1);
  });

  test('a reset key is as it was before its first use', async () => {
    const { url, control } = await sandboxWith();
    control.remove({ ids: ['inst_abc123', 'inst_def456'] });
    control.fail({ times: 5 });
    await ask(url, '/instances');
    expect((await tell(url, 'reset', {})).body).toEqual({
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

  test('the calls of a key are listed with their status and request id', async () => {
    const { url, control } = await sandboxWith();
    const headers = { authorization: 'Bearer k', 'x-request-id': 'r1' };
    await ask(url, '/instances?status=all&limit=100&offset=0', { headers });
    await ask(url, '/instances/none', { headers });
    const calls = [
      { call: 'GET /instances?status=all&limit=100&offset=0', status: 200, requestId: 'r1' },
      { call: 'GET /instances/none', status: 404, requestId: 'r1' },
    ];
    expect((await ask(controlUrl(url, 'calls?key=k'), '')).body).toEqual({
      success: true,
      key: 'k',
      calls,
    });
    expect(control.calls({ key: 'k' }).calls).toEqual(calls);
  });
});

describe('what the controls refuse', () => {
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
    ['fail', { mode: 'loudly' }, 'status, slow, hang, reset, truncate, invalid-json, html'],
    ['fail', { status: 99 }, 'from 200 to 599'],
    ['fail', { headers: { a: 1 } }, 'headers must be an object'],
    ['stir', {}, 'on must be true or false'],
    ['reset', { key: 'two words' }, 'key must be'],
    ['reset', { whole: true }, 'no field "whole"; allowed: key'],
    ['reset', [], 'must be a JSON object'],
  ])('%s %j is answered with what is allowed', async (name, body, sentence) => {
    const { url } = await sandboxWith();
    const answer = await tell(url, name, body);
    expect(answer.status).toBe(400);
    expect(answer.body.error.message).toContain(sentence);
  });

  test('a body that is not JSON, or not said to be, changes nothing', async () => {
    const { url } = await sandboxWith();
    const statusFor = async (type: string, body: string) => {
      const headers = { 'content-type': type };
      return (await fetch(controlUrl(url, 'add'), { method: 'POST', headers, body })).status;
    };
    expect(await statusFor('application/json', '{')).toBe(400);
    expect(await statusFor('text/plain', '{}')).toBe(415);
    expect(await statusFor('application/x-www-form-urlencoded', '{}')).toBe(415);
    expect(await statusFor('application/json', `{"key":"${'k'.repeat(1_048_576)}"}`)).toBe(413);
    expect((await ask(url, '/instances')).body.pagination.total).toBe(3);
  });

  test('a web page that has its name point at this machine is not answered', async () => {
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

  test('only this machine is answered, whatever its name for itself', () => {
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

  test('the controls are listed, by GET and by POST, and others are 404', async () => {
    const { url } = await sandboxWith();
    const listUrl = url.replace(/v1$/, 'sandbox');
    for (const method of ['GET', 'POST']) {
      const text = await (await fetch(listUrl, { method })).text();
      for (const name of ['status', 'add', 'remove', 'spend', 'fail', 'stir', 'reset', 'calls']) {
        expect(text).toContain(name);
      }
    }
    expect((await tell(url, 'explode', {})).status).toBe(404);
    expect((await tell(url, 'toString', {})).status).toBe(404);
    expect((await fetch(controlUrl(url, 'add'))).status).toBe(405);
    expect((await tell(url, 'calls', {})).status).toBe(405);
  });
});
