import { describe, expect, test } from 'vitest';
import { id, startLinking } from '#test/support/sandbox/linking.ts';
import { send, write } from '#test/support/sandbox/sandbox.ts';

describe('the status endpoint', () => {
  test('it has the documented fields of a connected line, with figures that last the day', async () => {
    const { url, clock } = await startLinking();
    const read = async () => (await send(url, '/instances/inst_abc123/status')).body;
    const first = await read();
    expect(first).toEqual({
      success: true,
      data: {
        id: 'inst_abc123',
        name: 'Sales WhatsApp',
        status: 'connected',
        phone: '5511999999999',
        profileName: 'Sales Team',
        profilePicUrl: expect.any(String),
        qrCode: null,
        qrCodeExpiresAt: null,
        lastSeenAt: '2026-02-03T12:00:00.000Z',
        connectedAt: '2026-02-03T12:00:00.000Z',
        stats: {
          messagesSent: expect.any(Number),
          messagesReceived: expect.any(Number),
          activeChats: expect.any(Number),
          unreadMessages: expect.any(Number),
        },
        health: {
          uptime: (clock.now() - Date.parse('2026-02-03T12:00:00.000Z')) / 1000,
          latency: expect.any(Number),
          messageDeliveryRate: expect.any(Number),
        },
      },
    });
    clock.advance(3_600_000);
    expect((await read()).data.stats).toEqual(first.data.stats);
    clock.advance(86_400_000);
    expect((await read()).data.stats).not.toEqual(first.data.stats);
  });

  test('a line that is not connected has zeros and no connectedAt', async () => {
    const { details } = await startLinking();
    expect(await details()).toMatchObject({
      status: 'disconnected',
      connectedAt: null,
      stats: { messagesSent: 0, messagesReceived: 0, activeChats: 0, unreadMessages: 0 },
      health: { uptime: 0, latency: 0, messageDeliveryRate: 0 },
    });
  });
});

describe('connect and disconnect', () => {
  test('disconnect ends the connection and responds with a message at the top level', async () => {
    const { url, clock } = await startLinking();
    const { status, body } = await write(url, 'POST /instances/inst_abc123/disconnect', {
      reason: 'moved',
    });
    expect([status, body]).toEqual([200, { success: true, message: expect.any(String) }]);
    expect((await send(url, '/instances/inst_abc123')).body.data).toMatchObject({
      status: 'disconnected',
      phone: '5511999999999',
      lastSeenAt: new Date(clock.now()).toISOString(),
    });
  });

  test('a state that is already there is a 409 with its code', async () => {
    const { url, disconnect } = await startLinking();
    const refusals = [
      await disconnect(),
      await write(url, 'POST /instances/inst_abc123/connect', { method: 'qrcode' }),
      await send(url, '/instances/inst_abc123/qrcode'),
    ];
    expect(refusals.map(({ status, body }) => `${status} ${body.error.code}`)).toEqual([
      '409 instance_not_connected',
      '409 already_connected',
      '409 already_connected',
    ]);
  });

  test.each([
    undefined,
    {},
    { method: 'sms' },
    { method: 'official' },
    { method: 'official', businessId: 'b', phoneNumberId: 'p', accessToken: '' },
  ])('connect rejects %j', async (body) => {
    const { url } = await startLinking();
    const answer = await write(url, `POST /instances/${id}/connect`, body);
    expect([answer.status, answer.body.error.code]).toEqual([400, 'invalid_parameters']);
  });

  test('disconnect rejects a reason that is no string', async () => {
    const { disconnect } = await startLinking();
    expect((await disconnect({ reason: 5 })).body.error.code).toBe('invalid_parameters');
  });

  test('a line of the official API connects without a code, and has none', async () => {
    const { connect, disconnect, qr, row } = await startLinking();
    const official = {
      method: 'official',
      businessId: 'b',
      phoneNumberId: 'p',
      accessToken: 't',
    };
    expect((await connect(official)).body).toEqual({
      success: true,
      status: 'connected',
      qrCode: null,
      qrCodeExpiresAt: null,
    });
    expect((await row()).status).toBe('connected');
    expect((await qr()).error.code).toBe('official_api_instance');
    await disconnect();
    expect((await connect()).body.error.code).toBe('official_api_instance');
  });

  test('a control marks a line as official, and takes it back', async () => {
    const { connect, qr, control } = await startLinking();
    control.official({ id, on: true });
    expect((await qr()).error.code).toBe('official_api_instance');
    control.official({ id, on: false });
    expect((await connect()).status).toBe(200);
  });
});
