import { describe, expect, test } from 'vitest';
import { caller, failureOf } from '#test/support/enviaai/adapter.ts';
import { adaptTo, writeCalls } from '#test/support/enviaai/write-calls.ts';

/** The create page's response [D]: it has no `lastSeenAt`. */
const created = {
  id: 'inst_new',
  name: 'Sales',
  phone: null,
  status: 'disconnected',
  profileName: null,
  profilePicUrl: null,
  createdAt: '2026-03-01T10:00:00.000Z',
  webhookUrl: 'https://app.example/hook',
  webhookEvents: ['message.received'],
  settings: { autoRead: false, autoTyping: true },
};

const success = { success: true, data: created };

describe('the requests', () => {
  test('a creation is a POST of the fields that are given', async () => {
    const { enviaai, upstream, bodies, reports } = await adaptTo(201, success);
    await enviaai.create(caller, { name: 'Sales' });
    await enviaai.create(caller, {
      name: 'Sales',
      webhookUrl: 'https://app.example/hook',
      webhookEvents: ['message.received'],
      settings: { autoRead: true },
    });
    expect(upstream.calls[0]).toMatchObject({
      method: 'POST',
      path: '/v1/instances',
      headers: {
        authorization: 'Bearer sk_live_secret',
        'content-type': 'application/json',
        'x-request-id': 'req-1',
      },
    });
    expect(bodies).toEqual([
      { name: 'Sales' },
      {
        name: 'Sales',
        webhookUrl: 'https://app.example/hook',
        webhookEvents: ['message.received'],
        settings: { autoRead: true },
      },
    ]);
    expect(reports).toMatchObject([
      { kind: 'create', outcome: 'ok', status: 201 },
      { kind: 'create', outcome: 'ok', status: 201 },
    ]);
  });

  test('an update is a PATCH of the fields that are given; null clears', async () => {
    const { enviaai, upstream, bodies } = await adaptTo(200, success);
    await enviaai.update(caller, 'inst a/b', { webhookUrl: null });
    await enviaai.update(caller, 'inst_1', { name: 'B', settings: { autoTyping: false } });
    expect(upstream.calls).toMatchObject([
      { method: 'PATCH', path: '/v1/instances/inst%20a%2Fb' },
      { method: 'PATCH', path: '/v1/instances/inst_1' },
    ]);
    expect(bodies).toEqual([{ webhookUrl: null }, { name: 'B', settings: { autoTyping: false } }]);
  });

  test('a connection is begun by QR code, a disconnection can have a reason', async () => {
    const { enviaai, upstream, bodies } = await adaptTo(200, {
      success: true,
      status: 'connecting',
    });
    await enviaai.connect(caller, 'inst_1');
    await enviaai.disconnect(caller, 'inst_1');
    await enviaai.disconnect(caller, 'inst_1', 'closing down');
    expect(upstream.calls).toMatchObject([
      { method: 'POST', path: '/v1/instances/inst_1/connect' },
      { method: 'POST', path: '/v1/instances/inst_1/disconnect' },
      { method: 'POST', path: '/v1/instances/inst_1/disconnect' },
    ]);
    expect(bodies).toEqual([{ method: 'qrcode' }, {}, { reason: 'closing down' }]);
  });

  test.each(['', '.', '..', '\uD800'])('the id %j names nothing and is not sent', async (id) => {
    const { enviaai, upstream } = await adaptTo(200, success);
    const calls = [
      enviaai.update(caller, id, { name: 'A' }),
      enviaai.connect(caller, id),
      enviaai.disconnect(caller, id),
      enviaai.status(caller, id),
      enviaai.qrCode(caller, id),
    ];
    for (const failure of await Promise.all(calls.map(failureOf))) {
      expect(failure).toMatchObject({ kind: 'refused', upstreamCode: 'instance_not_found' });
    }
    expect(upstream.calls).toEqual([]);
  });
});

describe('the results', () => {
  const instance = { ...created, lastSeenAt: null };

  test.each([
    ['in data', { success: true, data: created }],
    ['in data.instance', { success: true, data: { instance: created } }],
    ['in instance', { success: true, instance: created }],
    ['at the top', { success: true, ...created }],
    ['without success', { data: created }],
  ])('a created instance is read %s', async (_, body) => {
    const { enviaai } = await adaptTo(201, body);
    expect(await enviaai.create(caller, { name: 'Sales' })).toEqual({ key: 'inst_new', instance });
  });

  test('a created instance of which only the id can be read has no fields', async () => {
    const { enviaai } = await adaptTo(200, { success: true, data: { id: 'inst_new', name: {} } });
    expect(await enviaai.create(caller, { name: 'A' })).toEqual({
      key: 'inst_new',
      instance: null,
    });
  });

  test.each([
    [
      'of the documentation',
      {
        id: 'inst_1',
        name: 'B',
        webhookUrl: null,
        settings: { autoRead: true, autoTyping: false },
      },
      {
        id: 'inst_1',
        name: 'B',
        webhookUrl: null,
        settings: { autoRead: true, autoTyping: false },
      },
    ],
    [
      'with its webhook in the settings',
      { id: 'inst_1', settings: { webhookUrl: 'https://a.example' } },
      { id: 'inst_1', webhookUrl: 'https://a.example' },
    ],
    [
      'with values of other types',
      {
        id: 'inst_1',
        name: 7,
        phone: 5511999999999,
        settings: { autoRead: 'true', autoTyping: 0 },
      },
      {
        id: 'inst_1',
        name: '7',
        phone: '5511999999999',
        settings: { autoRead: true, autoTyping: false },
      },
    ],
    [
      'with fields that cannot be read',
      {
        id: 'inst_1',
        name: {},
        webhookUrl: 'javascript:1',
        createdAt: 'soon',
        settings: { autoRead: true },
      },
      { id: 'inst_1' },
    ],
    ['with all fields', { ...instance, id: 'inst_1' }, { ...instance, id: 'inst_1' }],
    ['without an id', { name: 'B' }, { id: 'inst_1', name: 'B' }],
  ])('an updated part %s is read', async (_, data, fields) => {
    const { enviaai } = await adaptTo(200, { success: true, data });
    expect(await enviaai.update(caller, 'inst_1', { name: 'B' })).toEqual(fields);
  });

  test.each([
    ['about another instance', { success: true, data: { id: 'inst_2', name: 'B' } }],
    ['without fields', { success: true }],
    ['with data that is null', { success: true, data: null }],
    ['that is no object', '[]'],
    ['that is no JSON', '<html>'],
    ['that is empty', ''],
  ])('an update with a response %s is done', async (_, body) => {
    const { enviaai, reports } = await adaptTo(200, body);
    expect(await enviaai.update(caller, 'inst_1', { name: 'B' })).toBeNull();
    expect(reports).toMatchObject([{ outcome: 'ok' }]);
  });

  test.each([{ success: true, message: 'Bye' }, {}, '<html>', '', '{"success":tr'])(
    'a disconnection with the response %j is done',
    async (body) => {
      const { enviaai } = await adaptTo(200, body);
      expect(await enviaai.disconnect(caller, 'inst_1')).toBe('disconnected');
    },
  );

  test('a disconnection of a line that is not connected is done, with any other status', async () => {
    const body = { success: false, error: { code: 'instance_not_connected' } };
    const { enviaai, reports } = await adaptTo(409, body);
    expect(await enviaai.disconnect(caller, 'inst_1')).toBeNull();
    expect(reports).toMatchObject([{ outcome: 'ok', upstreamCode: 'instance_not_connected' }]);
  });

  test('a connection of a line that is connected is done', async () => {
    const { enviaai } = await adaptTo(400, { error: { code: 'already_connected' } });
    const connected = { status: 'connected', image: null, expiresAt: null };
    expect(await enviaai.connect(caller, 'inst_1')).toEqual(connected);
  });

  test.each(['{"success":tr', '<html>', '', '[]', '{}', '{"success":true,"data":{}}'])(
    'a creation and a connection with the 200 response %j have an unknown outcome',
    async (body) => {
      const { enviaai, reports } = await adaptTo(200, body);
      const unknown = { kind: 'outcome-unknown', status: 200, upstreamCode: undefined };
      expect(await failureOf(writeCalls.create(enviaai))).toMatchObject(unknown);
      expect(await failureOf(writeCalls.connect(enviaai))).toMatchObject(unknown);
      expect(reports.map(({ outcome }) => outcome)).toEqual(['outcome-unknown', 'outcome-unknown']);
    },
  );
});
