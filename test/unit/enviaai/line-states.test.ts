import { expect, test } from 'vitest';
import { unreadable } from '#src/domain/instance.ts';
import { adapt, caller, failureOf } from '#test/support/enviaai/adapter.ts';
import { always } from '#test/support/upstream.ts';

const image = 'data:image/png;base64,iVBORw0KGgo=';
const expiresAt = '2026-03-01T10:01:00.000Z';

/** The status page's response, with a value for each documented field [D]. */
const status = {
  id: 'inst_1',
  name: 'Sales',
  status: 'qr_pending',
  phone: '5511999999999',
  profileName: 'Sales Team',
  profilePicUrl: 'https://pps.example/a.jpg',
  qrCode: image,
  qrCodeExpiresAt: expiresAt,
  lastSeenAt: '2026-03-01T10:00:00.000Z',
  connectedAt: '2026-02-01T10:00:00.000Z',
  stats: { messagesSent: 1, messagesReceived: 2, activeChats: 3, unreadMessages: 0 },
  health: { uptime: 86_400, latency: 45, messageDeliveryRate: 0.98 },
};
const details = {
  id: 'inst_1',
  name: 'Sales',
  status: 'qr_pending',
  phone: '5511999999999',
  profileName: 'Sales Team',
  profilePicUrl: 'https://pps.example/a.jpg',
  image,
  expiresAt,
  lastSeenAt: '2026-03-01T10:00:00.000Z',
  connectedAt: '2026-02-01T10:00:00.000Z',
  stats: { messagesSent: 1, messagesReceived: 2, activeChats: 3, unreadMessages: 0 },
  health: { uptimeSeconds: 86_400, latencyMs: 45, messageDeliveryRate: 0.98 },
};

const detailsOf = async (data: unknown) => {
  const { enviaai } = await adapt(always(200, data));
  return enviaai.status(caller, 'inst_1');
};

test.each([
  ['in data', { success: true, data: status }],
  ['in data.instance', { success: true, data: { instance: status } }],
  ['at the top', { success: true, ...status }],
])('every field of the status is read %s', async (_, body) => {
  expect(await detailsOf(body)).toEqual(details);
});

test('fields of the status that are missing are null', async () => {
  expect(await detailsOf({ success: true, data: { id: 'inst_1' } })).toEqual({
    id: 'inst_1',
    name: null,
    status: 'unknown',
    phone: null,
    profileName: null,
    profilePicUrl: null,
    image: null,
    expiresAt: null,
    lastSeenAt: null,
    connectedAt: null,
    stats: null,
    health: null,
  });
});

test('numbers out of range are null, and each for itself', async () => {
  const data = {
    ...status,
    stats: { messagesSent: -1, messagesReceived: 1.5, activeChats: '12', unreadMessages: 1e12 },
    health: { uptime: 'long', latency: null, messageDeliveryRate: 1.01 },
  };
  expect(await detailsOf({ data })).toMatchObject({
    stats: { messagesSent: null, messagesReceived: null, activeChats: 12, unreadMessages: null },
    health: { uptimeSeconds: null, latencyMs: null, messageDeliveryRate: null },
  });
});

test.each([
  [0, 0],
  [1, 1],
  ['0.5', 0.5],
  ['98%', null],
  [-0.1, null],
  [true, null],
])('the delivery rate %j is read as %j', async (messageDeliveryRate, rate) => {
  const data = { ...status, health: { messageDeliveryRate } };
  expect((await detailsOf({ data })).health?.messageDeliveryRate).toBe(rate);
});

test('dates and addresses of the status that cannot be read say so', async () => {
  const data = { ...status, connectedAt: 'soon', profilePicUrl: 'javascript:1', lastSeenAt: 7 };
  expect(await detailsOf({ data })).toMatchObject({
    connectedAt: unreadable,
    profilePicUrl: unreadable,
    lastSeenAt: unreadable,
  });
});

test.each([
  ['of another instance', { data: { ...status, id: 'inst_2' } }],
  ['without an id', { data: { ...status, id: undefined } }],
  ['without data', { success: true }],
  ['that is no JSON', '<html>'],
])('a status %s is malformed', async (_, body) => {
  const { enviaai } = await adapt(always(200, body));
  expect(await failureOf(enviaai.status(caller, 'inst_1'))).toMatchObject({ kind: 'malformed' });
});

test('the status and the QR code are GETs of the instance', async () => {
  const { enviaai, upstream, reports } = await adapt(always(200, { data: status }));
  await enviaai.status(caller, 'inst_1');
  await enviaai.qrCode(caller, 'inst_1');
  expect(upstream.calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /v1/instances/inst_1/status',
    'GET /v1/instances/inst_1/qrcode',
  ]);
  expect(reports).toMatchObject([{ kind: 'status' }, { kind: 'qrcode' }]);
});

/** Each name of the expiry is of another page [D]. */
test.each([
  ['in data', { success: true, data: { status: 'qr_pending', qrCode: image, expiresAt } }],
  [
    'at the top',
    { success: true, status: 'qr_pending', qrCode: image, qrCodeExpiresAt: expiresAt },
  ],
  ['in both', { success: true, status: 'qr_pending', data: { qrCode: image, expiresAt } }],
  [
    'beside an empty error',
    { success: true, status: 'qr_pending', qrCode: image, qrCodeExpiresAt: expiresAt, error: {} },
  ],
  [
    'beside another status',
    { status: 'success', data: { status: 'qr_pending', qrCode: image, expiresAt } },
  ],
])('a QR code is read %s, from connect and from the QR page', async (_, body) => {
  const { enviaai } = await adapt(always(200, body));
  const state = { status: 'qr_pending', image, expiresAt };
  expect(await enviaai.connect(caller, 'inst_1')).toEqual(state);
  expect(await enviaai.qrCode(caller, 'inst_1')).toEqual(state);
});

test.each([
  [null, null],
  [undefined, null],
  ['', null],
  [image, image],
  ['data:image/svg+xml;base64,AAAA', unreadable],
  ['data:image/png;base64,', unreadable],
  ['data:image/png;base64,<script>', unreadable],
  ['https://example.com/qr.png', unreadable],
  ['2@abcdef', unreadable],
  [`data:image/png;base64,${'A'.repeat(300_000)}`, unreadable],
  [7, unreadable],
])('the image %.60j is read as %.60j', async (qrCode, expected) => {
  const { enviaai } = await adapt(always(200, { data: { status: 'connecting', qrCode } }));
  expect(await enviaai.qrCode(caller, 'inst_1')).toEqual({
    status: 'connecting',
    image: expected,
    expiresAt: null,
  });
});

test('a QR code without a status has an unknown one, and an expiry can be unreadable', async () => {
  const { enviaai } = await adapt(always(200, { data: { qrCode: image, expiresAt: 'soon' } }));
  expect(await enviaai.qrCode(caller, 'inst_1')).toEqual({
    status: 'unknown',
    image,
    expiresAt: unreadable,
  });
});

test('a line that is connected has no QR code', async () => {
  const error = { code: 'already_connected' };
  const { enviaai, reports } = await adapt(always(409, { success: false, error }));
  expect(await enviaai.qrCode(caller, 'inst_1')).toEqual({
    status: 'connected',
    image: null,
    expiresAt: null,
  });
  expect(reports).toMatchObject([{ outcome: 'ok', status: 409 }]);
});

test.each([
  [404, 'instance_not_found', { kind: 'refused', upstreamCode: 'instance_not_found' }],
  [404, undefined, { kind: 'refused', upstreamCode: 'instance_not_found' }],
  [409, 'official_api_instance', { kind: 'refused', upstreamCode: 'official_api_instance' }],
  [401, 'invalid_api_key', { kind: 'unauthorized' }],
  [429, 'rate_limit_exceeded', { kind: 'rate-limited' }],
  [503, undefined, { kind: 'unavailable' }],
  [500, undefined, { kind: 'refused' }],
] as const)('%i %s fails the reads of a line', async (httpStatus, code, expected) => {
  const body = { success: false, error: { code } };
  const { enviaai } = await adapt(always(httpStatus, body));
  expect(await failureOf(enviaai.status(caller, 'inst_1'))).toMatchObject(expected);
  expect(await failureOf(enviaai.qrCode(caller, 'inst_1'))).toMatchObject(expected);
});

test('a read of a line that breaks off is unavailable, and not unknown', async () => {
  const { enviaai } = await adapt((_, response) => {
    response.writeHead(200, { 'content-length': '500' });
    response.write('{"success":');
    setImmediate(() => response.destroy());
  });
  expect(await failureOf(enviaai.qrCode(caller, 'inst_1'))).toMatchObject({ kind: 'unavailable' });
});
