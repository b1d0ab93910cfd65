import process from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '#src/sandbox/sandbox.ts';
import { sendAs, type SandboxReply } from '#test/support/sandbox/sandbox.ts';

// The documentation's pages as assertions that hold for any account. They can also run against a
// real deployment (ENVIAAI_CONTRACT_URL, ENVIAAI_CONTRACT_KEY), and cost about fifteen calls; they write nothing.
const real = process.env['ENVIAAI_CONTRACT_URL'];
const key = process.env['ENVIAAI_CONTRACT_KEY'] ?? 'sandbox';

let sandbox: Sandbox | undefined;
let url = real ?? '';
beforeAll(async () => {
  if (real) return;
  sandbox = await startSandbox({ instances: 250 });
  url = sandbox.url;
});
afterAll(() => sandbox?.close());

const get = (path: string, as = key): Promise<SandboxReply> => sendAs(as, url, path);

describe(`the documented API at ${real ?? 'the sandbox'}`, () => {
  test('a list has the documented envelope, and 50 instances from the start by default', async () => {
    const { status, headers, body } = await get('/instances');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toMatch(/^application\/json/);
    expect(body).toMatchObject({ success: true, pagination: { limit: 50, offset: 0 } });
    const { total } = body.pagination;
    expect(body.data).toHaveLength(Math.min(50, total));
    expect(body.pagination.hasMore).toBe(total > 50);
  });

  test('every instance has the documented fields', async () => {
    const { body } = await get('/instances?limit=100');
    for (const row of body.data) {
      expect(row).toMatchObject({
        id: expect.stringMatching(/^inst_[A-Za-z0-9]+$/),
        name: expect.any(String),
        status: expect.stringMatching(/^(connected|disconnected|connecting|qr_pending)$/),
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        settings: { autoRead: expect.any(Boolean), autoTyping: expect.any(Boolean) },
      });
      expect(row.phone ?? '1').toMatch(/^\d+$/);
      expect(typeof (row.profileName ?? '')).toBe('string');
      expect(typeof (row.profilePicUrl ?? '')).toBe('string');
      expect(typeof (row.webhookUrl ?? '')).toBe('string');
      expect(Date.parse(row.lastSeenAt ?? row.createdAt)).not.toBeNaN();
      expect(row.webhookEvents ?? []).toBeInstanceOf(Array);
    }
  });

  test('limit and offset select a part of the list, and hasMore is true if more follow', async () => {
    const whole = await get('/instances?limit=100&offset=0');
    const part = await get('/instances?limit=2&offset=1');
    const { total } = whole.body.pagination;
    expect(part.body.data).toEqual(whole.body.data.slice(1, 3));
    expect(part.body.pagination).toEqual({ total, limit: 2, offset: 1, hasMore: total > 3 });
  });

  test('an offset past the end returns an empty page with hasMore false', async () => {
    const { body } = await get('/instances?offset=1000000');
    expect(body.data).toEqual([]);
    expect(body.pagination).toMatchObject({ offset: 1_000_000, hasMore: false });
  });

  test.each(['connected', 'disconnected', 'connecting'])(
    'status=%s returns only instances with this status, and their number as the total',
    async (status) => {
      const { body } = await get(`/instances?status=${status}&limit=100`);
      for (const row of body.data) expect(row.status).toBe(status);
      if (!body.pagination.hasMore) expect(body.pagination.total).toBe(body.data.length);
    },
  );

  test.each(['status=qr_pending', 'limit=0', 'limit=101', 'offset=-1'])(
    '%s is rejected with invalid_parameters',
    async (query) => {
      const { status, body } = await get(`/instances?${query}`);
      expect(status).toBe(400);
      expect(body.error).toMatchObject({
        code: 'invalid_parameters',
        message: expect.any(String),
      });
    },
  );

  test('a single instance has its envelope, and the same data as in the list', async () => {
    const { body } = await get('/instances?limit=1');
    const [row] = body.data;
    if (!row) return;
    const single = await get(`/instances/${row.id}`);
    expect(single.status).toBe(200);
    expect(single.body).toMatchObject({
      success: true,
      data: { id: row.id, name: row.name, createdAt: row.createdAt },
    });
  });

  test('the status of an instance has the documented fields', async () => {
    const { body } = await get('/instances?limit=1');
    const [row] = body.data;
    if (!row) return;
    const { status, body: answer } = await get(`/instances/${row.id}/status`);
    expect(status).toBe(200);
    expect(answer).toMatchObject({
      success: true,
      data: {
        id: row.id,
        name: row.name,
        status: expect.stringMatching(/^(connected|disconnected|connecting|qr_pending)$/),
        stats: {
          messagesSent: expect.any(Number),
          messagesReceived: expect.any(Number),
          activeChats: expect.any(Number),
          unreadMessages: expect.any(Number),
        },
        health: {
          uptime: expect.any(Number),
          latency: expect.any(Number),
          messageDeliveryRate: expect.any(Number),
        },
      },
    });
    expect(answer.data.qrCode ?? 'data:image/png;').toMatch(/^data:image\/png;/);
  });

  test('an unknown id returns 404 instance_not_found', async () => {
    const { status, body } = await get('/instances/inst_doesnotexist0');
    expect(status).toBe(404);
    expect(body.error.code).toBe('instance_not_found');
  });

  test('every response has the headers of the budget: limit, remaining and reset', async () => {
    const { headers } = await get('/instances?limit=1');
    const [limit, remaining, reset] = ['limit', 'remaining', 'reset'].map((name) =>
      Number(headers.get(`x-ratelimit-${name}`)),
    ) as [number, number, number];
    const now = Date.parse(headers.get('date') ?? '') / 1000;
    expect(limit).toBeGreaterThan(0);
    expect(remaining).toBeGreaterThanOrEqual(0);
    expect(remaining).toBeLessThan(limit);
    expect(reset).toBeGreaterThanOrEqual(now);
    expect(reset).toBeLessThanOrEqual(now + 3600);
  });

  test('an invalid key returns 401 invalid_api_key', async () => {
    const { status, body } = await get('/instances', 'invalid');
    expect(status).toBe(401);
    expect(body.error.code).toBe('invalid_api_key');
  });
});
