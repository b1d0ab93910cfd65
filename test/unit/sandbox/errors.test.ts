import { describe, expect, test } from 'vitest';
import { send, sendAs, replyOf, sandboxWith } from '#test/support/sandbox/sandbox.ts';

const headers = { authorization: 'Bearer sandbox' };

describe('requests that the sandbox rejects', () => {
  test('a call without a valid key returns 401 missing_api_key without budget headers', async () => {
    const { url, control } = await sandboxWith();
    for (const headers of [{}, { authorization: 'Basic abc' }, { authorization: 'Bearer a b' }]) {
      const answer = await send(url, '/instances', { headers });
      expect(answer.status).toBe(401);
      expect(answer.body).toEqual({
        error: { code: 'missing_api_key', message: expect.any(String) },
      });
      expect(answer.headers.has('x-ratelimit-limit')).toBe(false);
    }
    expect(control.calls({ key: '' }).calls).toHaveLength(3);
  });

  test.each([
    ['invalid', 401, 'invalid_api_key'],
    ['expired', 401, 'expired_api_key'],
    ['forbidden', 403, 'insufficient_permissions'],
  ])('the key %s is rejected with %i %s', async (key, status, code) => {
    const { url } = await sandboxWith();
    const answer = await sendAs(key, url);
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({ error: { code, message: expect.any(String) } });
    expect(answer.headers.has('x-ratelimit-limit')).toBe(key === 'forbidden');
  });

  test.each([
    'status=CONNECTED',
    'status=',
    'limit=',
    'limit=ten',
    'limit=1.5',
    'limit=0',
    'limit=101',
    'offset=-1',
    'offset=1e3',
  ])('%s is rejected with the error envelope of the overview page', async (query) => {
    const { url } = await sandboxWith();
    const { status, headers, body } = await send(url, `/instances?${query}`);
    expect(status).toBe(400);
    const requestId = headers.get('x-request-id');
    expect(requestId).toMatch(/^req_[0-9a-f]+$/);
    expect(body).toEqual({
      success: false,
      error: { code: 'invalid_parameters', message: expect.any(String), requestId },
    });
  });

  test('an undocumented path is 404', async () => {
    const { url } = await sandboxWith();
    for (const path of ['', '/', '/messages', '/instances/', '/instances/inst_abc123/chats']) {
      expect((await send(url, path)).status, path).toBe(404);
    }
    expect((await send(url.replace(/v1$/, 'elsewhere'), '')).status).toBe(404);
  });

  test.each([
    ['/instances', 'GET, POST'],
    ['/instances/inst_abc123', 'GET, PATCH'],
    ['/instances/inst_abc123/status', 'GET'],
    ['/instances/inst_abc123/qrcode', 'GET'],
    ['/instances/inst_abc123/connect', 'POST'],
    ['/instances/inst_abc123/disconnect', 'POST'],
  ])('%s allows %s, and no DELETE', async (path, allow) => {
    const { url, control } = await sandboxWith();
    for (const method of ['GET', 'POST', 'PATCH', 'PUT', 'DELETE']) {
      const answer = await send(url, path, { method, headers });
      expect(answer.status === 405, method).toBe(!allow.split(', ').includes(method));
      if (answer.status === 405) expect(answer.headers.get('allow')).toBe(allow);
    }
    expect(control.fail({ times: 0 }).remaining).toBe(45);
  });

  test('a valid request id is returned, and an invalid one is replaced', async () => {
    const { url } = await sandboxWith();
    const idFor = async (given: string) => {
      const headers = { authorization: 'Bearer sandbox', 'x-request-id': given };
      const { body, ...answer } = await replyOf(await fetch(`${url}/instances/none`, { headers }));
      expect(body.error.requestId).toBe(answer.headers.get('x-request-id'));
      return body.error.requestId;
    };
    expect(await idFor('trace-42')).toBe('trace-42');
    expect(await idFor('two words')).toMatch(/^req_/);
    expect(await idFor('x'.repeat(129))).toMatch(/^req_/);
  });
});
