import { describe, expect, test } from 'vitest';
import { startingRows } from '#src/sandbox/account/grow.ts';
import { send, sendAs, idsOf, sandboxWith } from '#test/support/sandbox/sandbox.ts';

// Copied from the List Instances page, to detect a mistake in the sandbox's copy.
const documented =
  '{"success":true,"data":[{"id":"inst_abc123","name":"Sales WhatsApp","phone":"5511999999999","status":"connected","profileName":"Sales Team","profilePicUrl":"https://pps.whatsapp.net/v/t61.24694-24/...","createdAt":"2026-01-01T10:00:00.000Z","lastSeenAt":"2026-02-03T12:00:00.000Z","webhookUrl":"https://myapp.com/webhooks/whatsapp","settings":{"autoRead":false,"autoTyping":true}},{"id":"inst_def456","name":"Support WhatsApp","phone":"5521988888888","status":"connected","profileName":"Support Team","profilePicUrl":"https://pps.whatsapp.net/v/t61.24694-24/...","createdAt":"2026-01-15T14:30:00.000Z","lastSeenAt":"2026-02-03T11:45:00.000Z","webhookUrl":"https://myapp.com/webhooks/whatsapp","settings":{"autoRead":true,"autoTyping":true}},{"id":"inst_ghi789","name":"Marketing WhatsApp","phone":null,"status":"disconnected","profileName":null,"profilePicUrl":null,"createdAt":"2026-02-01T09:00:00.000Z","lastSeenAt":"2026-02-02T18:30:00.000Z","webhookUrl":null,"settings":{"autoRead":false,"autoTyping":false}}],"pagination":{"total":3,"limit":50,"offset":0,"hasMore":false}}';

describe('the instances of a sandbox account', () => {
  test('a new sandbox returns the documentation’s example, byte for byte', async () => {
    const { url } = await sandboxWith();
    const headers = { authorization: 'Bearer any-key' };
    const response = await fetch(`${url}/instances`, { headers });
    expect(await response.text()).toBe(documented);
  });

  test('SANDBOX_INSTANCES can be 0 or 1', async () => {
    const empty = await sandboxWith({ instances: 0 });
    expect((await send(empty.url, '/instances')).body).toEqual({
      success: true,
      data: [],
      pagination: { total: 0, limit: 50, offset: 0, hasMore: false },
    });
    const one = await sandboxWith({ instances: 1 });
    expect(idsOf(await send(one.url, '/instances'))).toEqual(['inst_abc123']);
  });

  test('generated instances are the same in every run, after those of the example', async () => {
    const [first, second] = [
      await sandboxWith({ instances: 120 }),
      await sandboxWith({ instances: 120 }),
    ];
    const [some, others] = [
      await send(first.url, '/instances?limit=100'),
      await send(second.url, '/instances?limit=100'),
    ];
    expect(some.body).toEqual(others.body);
    expect(idsOf(some).slice(0, 3)).toEqual(['inst_abc123', 'inst_def456', 'inst_ghi789']);
    expect(some.body.pagination).toEqual({ total: 120, limit: 100, offset: 0, hasMore: true });
  });

  test('10,000 generated instances have different ids and names, and ascending createdAt', () => {
    const rows = startingRows(10_000);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(10_000);
    expect(new Set(rows.map((row) => row['name'])).size).toBe(10_000);
    const created = rows.map((row) => String(row['createdAt']));
    expect(created).toEqual(created.toSorted());
    for (const { id } of rows) expect(id).toMatch(/^inst_[a-z0-9]+$/);
  });

  test('generated instances cover all statuses, nulls and missing fields of the documentation', () => {
    const rows = startingRows(100);
    expect(new Set(rows.map(({ status }) => status))).toEqual(
      new Set(['connected', 'disconnected', 'connecting', 'qr_pending']),
    );
    for (const field of ['phone', 'profilePicUrl', 'webhookUrl']) {
      expect(new Set(rows.map((row) => row[field] === null)).size, field).toBe(2);
    }
    for (const field of ['lastSeenAt', 'webhookEvents']) {
      expect(new Set(rows.map((row) => field in row)).size, field).toBe(2);
    }
  });

  test('a qr_pending instance is in the list of all instances and in no filtered list', async () => {
    const { url, control } = await sandboxWith();
    control.status({ id: 'inst_ghi789', status: 'qr_pending' });
    const listed = async (status: string) => idsOf(await send(url, `/instances?status=${status}`));
    expect(await listed('all')).toHaveLength(3);
    expect(await listed('connected')).toHaveLength(2);
    expect(await listed('connecting')).toEqual([]);
    expect(await listed('disconnected')).toEqual([]);
  });

  test('a change to the account of one key does not affect other keys', async () => {
    const { url, control } = await sandboxWith();
    control.remove({ key: 'mine', id: 'inst_abc123' });
    expect(idsOf(await sendAs('mine', url))).toHaveLength(2);
    expect(idsOf(await sendAs('yours', url))).toHaveLength(3);
  });
});
