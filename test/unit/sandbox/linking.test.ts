import { Buffer } from 'node:buffer';
import { crc32, inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { send, sandboxWith, write } from '#test/support/sandbox/sandbox.ts';

const id = 'inst_ghi789';

async function started() {
  const clock = createTestClock(Date.UTC(2026, 5, 1));
  const { url, control } = await sandboxWith({ now: clock.now, ratePerMinute: 1000 });
  const connect = (body: unknown = { method: 'qrcode' }) =>
    write(url, `POST /instances/${id}/connect`, body);
  const disconnect = (body?: unknown) => write(url, `POST /instances/${id}/disconnect`, body);
  const qr = async () => (await send(url, `/instances/${id}/qrcode`)).body;
  const details = async () => (await send(url, `/instances/${id}/status`)).body.data;
  const row = async () => (await send(url, `/instances/${id}`)).body.data;
  return { url, control, clock, connect, disconnect, qr, details, row };
}

describe('the life of a QR code', () => {
  test('connect responds with a code at the top level, valid for a minute', async () => {
    const { connect, qr, details, row } = await started();
    const { status, body } = await connect();
    expect(status).toBe(200);
    expect(body).toEqual({
      success: true,
      status: 'qr_pending',
      qrCode: expect.stringMatching(/^data:image\/png;base64,/),
      qrCodeExpiresAt: '2026-06-01T00:01:00.000Z',
    });
    const { qrCode, qrCodeExpiresAt } = body;
    expect(await qr()).toEqual({
      success: true,
      data: { qrCode, expiresAt: qrCodeExpiresAt, status: 'qr_pending' },
    });
    expect(await details()).toMatchObject({ status: 'qr_pending', qrCode, qrCodeExpiresAt });
    expect((await row()).status).toBe('connecting');
  });

  test('six codes follow each other, of 60 s and five of 20 s, then the attempt has failed', async () => {
    const { connect, qr, clock, row } = await started();
    await connect();
    const codes = [];
    for (const ms of [60_000, 20_000, 20_000, 20_000, 20_000, 20_000]) {
      clock.advance(ms - 1);
      const { data } = await qr();
      expect(Date.parse(data.expiresAt)).toBe(clock.now() + 1);
      codes.push(data.qrCode);
      clock.advance(1);
    }
    expect(new Set(codes).size).toBe(6);
    expect((await qr()).data).toEqual({ qrCode: null, expiresAt: null, status: 'disconnected' });
    expect((await row()).status).toBe('disconnected');
  });

  test('the code that nobody asked for meanwhile is the one of its time', async () => {
    const { connect, qr, clock } = await started();
    await connect();
    clock.advance(105_000);
    expect((await qr()).data.expiresAt).toBe('2026-06-01T00:02:00.000Z');
    clock.advance(1_000_000);
    expect((await qr()).data.qrCode).toBeNull();
  });

  test('another attempt has other codes', async () => {
    const { connect, clock } = await started();
    const first = (await connect()).body.qrCode;
    clock.advance(160_000);
    const { qrCode, qrCodeExpiresAt } = (await connect()).body;
    expect(qrCode).not.toBe(first);
    expect(Date.parse(qrCodeExpiresAt)).toBe(clock.now() + 60_000);
  });

  test('the image is a PNG, with valid checksums and as many pixels as its header says', async () => {
    const { connect } = await started();
    const { qrCode } = (await connect()).body;
    const png = Buffer.from(qrCode.replace('data:image/png;base64,', ''), 'base64');
    expect(png.subarray(0, 8)).toEqual(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'));
    const chunks = new Map<string, Buffer>();
    for (let at = 8; at < png.length;) {
      const length = png.readUInt32BE(at);
      const typed = png.subarray(at + 4, at + 8 + length);
      expect(png.readUInt32BE(at + 8 + length)).toBe(crc32(typed));
      chunks.set(typed.toString('latin1', 0, 4), typed.subarray(4));
      at += 12 + length;
    }
    expect([...chunks.keys()]).toEqual(['IHDR', 'tEXt', 'IDAT', 'IEND']);
    const header = chunks.get('IHDR') ?? Buffer.alloc(0);
    const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
    const pixels = inflateSync(chunks.get('IDAT') ?? Buffer.alloc(0));
    expect(pixels).toHaveLength((width + 1) * height);
    expect(chunks.get('tEXt')?.toString('latin1')).toContain('inst_ghi789 attempt 1 code 1');
  });

  test('lifetimes and the number of codes can be set, for the codes that follow', async () => {
    const { connect, qr, clock, control } = await started();
    control.qr({ firstMs: 1000, nextMs: 500, codes: 2 });
    expect((await connect()).body.qrCodeExpiresAt).toBe('2026-06-01T00:00:01.000Z');
    clock.advance(1000);
    expect((await qr()).data.expiresAt).toBe('2026-06-01T00:00:01.500Z');
    clock.advance(500);
    expect((await qr()).data.qrCode).toBeNull();
  });

  test('a code can be ended now, and so can the attempt', async () => {
    const { connect, qr, control, row } = await started();
    const first = (await connect()).body.qrCode;
    control.qr({ id, expire: 'code' });
    const { data } = await qr();
    expect(data).toMatchObject({ expiresAt: '2026-06-01T00:00:20.000Z', status: 'qr_pending' });
    expect(data.qrCode).not.toBe(first);
    control.qr({ id, expire: 'attempt' });
    expect((await qr()).data.qrCode).toBeNull();
    expect((await row()).status).toBe('disconnected');
  });

  test('after a scan the line is connected, with phone, name and times', async () => {
    const { connect, control, clock, row, details } = await started();
    await connect();
    clock.advance(70_000);
    const { instance } = control.scan({ id, phone: '5511900000000', profileName: 'Team' });
    const connected = {
      status: 'connected',
      phone: '5511900000000',
      profileName: 'Team',
      lastSeenAt: '2026-06-01T00:01:10.000Z',
    };
    expect(instance).toMatchObject(connected);
    expect(await row()).toMatchObject(connected);
    clock.advance(1_000_000);
    expect(await details()).toMatchObject({
      ...connected,
      qrCode: null,
      qrCodeExpiresAt: null,
      connectedAt: '2026-06-01T00:01:10.000Z',
      health: { uptime: 1000 },
    });
  });

  test('a code that expired cannot be scanned', async () => {
    const { connect, control, clock } = await started();
    await connect();
    clock.advance(160_000);
    expect(() => control.scan({ id })).toThrow('no code to scan');
  });

  test('attempts of two instances do not affect each other', async () => {
    const { connect, qr, control, url } = await started();
    control.status({ id: 'inst_abc123', status: 'disconnected' });
    const first = (await connect()).body.qrCode;
    const other = await write(url, 'POST /instances/inst_abc123/connect', { method: 'qrcode' });
    expect(other.body.qrCode).not.toBe(first);
    control.scan({ id: 'inst_abc123' });
    expect((await qr()).data.qrCode).toBe(first);
  });

  test('the status control and remove end an attempt', async () => {
    const { connect, qr, control } = await started();
    await connect();
    control.status({ id, status: 'disconnected' });
    expect((await qr()).data.qrCode).toBeNull();
    await connect();
    control.remove({ id });
    control.add({ instance: { id, status: 'disconnected' } });
    expect((await qr()).data.qrCode).toBeNull();
  });
});

describe('the status endpoint', () => {
  test('it has the documented fields of a connected line, with figures that last the day', async () => {
    const { url, clock } = await started();
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
    const { details } = await started();
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
    const { url, clock } = await started();
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
    const { url, disconnect } = await started();
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
    const { url } = await started();
    const answer = await write(url, `POST /instances/${id}/connect`, body);
    expect([answer.status, answer.body.error.code]).toEqual([400, 'invalid_parameters']);
  });

  test('disconnect rejects a reason that is no string', async () => {
    const { disconnect } = await started();
    expect((await disconnect({ reason: 5 })).body.error.code).toBe('invalid_parameters');
  });

  test('a line of the official API connects without a code, and has none', async () => {
    const { connect, disconnect, qr, row } = await started();
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
    const { connect, qr, control } = await started();
    control.official({ id, on: true });
    expect((await qr()).error.code).toBe('official_api_instance');
    control.official({ id, on: false });
    expect((await connect()).status).toBe(200);
  });
});

describe('what the documentation leaves open', () => {
  test.each([
    [true, 'qr_pending'],
    [false, 'disconnected'],
  ])(
    'with qrEndpointStarts %s, the QR endpoint of a disconnected line says %s',
    async (qrEndpointStarts, status) => {
      const { qr, control, row } = await started();
      control.behave({ qrEndpointStarts });
      const { data } = await qr();
      expect(data.status).toBe(status);
      expect(data.qrCode !== null).toBe(qrEndpointStarts);
      expect((await row()).status).toBe(qrEndpointStarts ? 'connecting' : 'disconnected');
      expect((await qr()).data.qrCode).toBe(data.qrCode);
    },
  );

  test.each([
    ['same', true],
    ['new', false],
  ] as const)(
    'with connectWhenPending %s, a second connect gives the same code: %s',
    async (connectWhenPending, same) => {
      const { connect, control, clock } = await started();
      control.behave({ connectWhenPending });
      const first = (await connect()).body;
      clock.advance(1000);
      const second = (await connect()).body;
      expect(second.qrCode === first.qrCode).toBe(same);
      expect(second.qrCodeExpiresAt === first.qrCodeExpiresAt).toBe(same);
      expect(control.writes().writes).toHaveLength(2);
    },
  );

  test.each([
    ['cancels', 200, 'disconnected'],
    ['fails', 409, 'connecting'],
  ] as const)(
    'with disconnectWhenPending %s, disconnect during an attempt is %i',
    async (disconnectWhenPending, status, after) => {
      const { connect, disconnect, control, row } = await started();
      control.behave({ disconnectWhenPending });
      await connect();
      expect((await disconnect()).status).toBe(status);
      expect((await row()).status).toBe(after);
    },
  );

  test.each([
    ['connecting', 'qr_pending'],
    ['qr_pending', 'connecting'],
  ] as const)(
    'an attempt can be %s in the list, and %s at its endpoints',
    async (pendingInList, pendingInStatus) => {
      const { connect, control, details, qr, row } = await started();
      control.behave({ pendingInList, pendingInStatus });
      expect((await connect()).body.status).toBe(pendingInStatus);
      expect((await qr()).data.status).toBe(pendingInStatus);
      expect((await details()).status).toBe(pendingInStatus);
      expect((await row()).status).toBe(pendingInList);
    },
  );

  test('with qrWhenConnected null, a connected line has no code instead of an error', async () => {
    const { url, control } = await started();
    control.behave({ qrWhenConnected: 'null' });
    expect((await send(url, '/instances/inst_abc123/qrcode')).body.data).toEqual({
      qrCode: null,
      expiresAt: null,
      status: 'connected',
    });
  });

  test('with connectingIncludesQrPending, the list of status=connecting has both', async () => {
    const { url, control } = await started();
    control.status({ id, status: 'qr_pending' });
    control.behave({ connectingIncludesQrPending: true });
    expect((await send(url, '/instances?status=connecting')).body.pagination.total).toBe(1);
  });

  test('behave keeps what is left out, and returns all', async () => {
    const { control } = await started();
    control.behave({ mergeSettings: false });
    expect(control.behave({ idLags: true }).behaviour).toEqual({
      mergeSettings: false,
      qrEndpointStarts: false,
      connectWhenPending: 'same',
      disconnectWhenPending: 'cancels',
      pendingInList: 'connecting',
      pendingInStatus: 'qr_pending',
      qrWhenConnected: 'fails',
      connectingIncludesQrPending: false,
      idLags: true,
    });
    control.reset();
    expect(control.behave().behaviour).toMatchObject({ mergeSettings: true, idLags: false });
  });
});
