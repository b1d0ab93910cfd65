import { Buffer } from 'node:buffer';
import { crc32, inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { id, startLinking } from '#test/support/sandbox/linking.ts';
import { write } from '#test/support/sandbox/sandbox.ts';

describe('the life of a QR code', () => {
  test('connect responds with a code at the top level, valid for a minute', async () => {
    const { connect, qr, details, row } = await startLinking();
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
    const { connect, qr, clock, row } = await startLinking();
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
    const { connect, qr, clock } = await startLinking();
    await connect();
    clock.advance(105_000);
    expect((await qr()).data.expiresAt).toBe('2026-06-01T00:02:00.000Z');
    clock.advance(1_000_000);
    expect((await qr()).data.qrCode).toBeNull();
  });

  test('another attempt has other codes', async () => {
    const { connect, clock } = await startLinking();
    const first = (await connect()).body.qrCode;
    clock.advance(160_000);
    const { qrCode, qrCodeExpiresAt } = (await connect()).body;
    expect(qrCode).not.toBe(first);
    expect(Date.parse(qrCodeExpiresAt)).toBe(clock.now() + 60_000);
  });

  test('the image is a PNG, with valid checksums and as many pixels as its header says', async () => {
    const { connect } = await startLinking();
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
    const { connect, qr, clock, control } = await startLinking();
    control.qr({ firstMs: 1000, nextMs: 500, codes: 2 });
    expect((await connect()).body.qrCodeExpiresAt).toBe('2026-06-01T00:00:01.000Z');
    clock.advance(1000);
    expect((await qr()).data.expiresAt).toBe('2026-06-01T00:00:01.500Z');
    clock.advance(500);
    expect((await qr()).data.qrCode).toBeNull();
  });

  test('a code can be ended now, and so can the attempt', async () => {
    const { connect, qr, control, row } = await startLinking();
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
    const { connect, control, clock, row, details } = await startLinking();
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
    const { connect, control, clock } = await startLinking();
    await connect();
    clock.advance(160_000);
    expect(() => control.scan({ id })).toThrow('no code to scan');
  });

  test('attempts of two instances do not affect each other', async () => {
    const { connect, qr, control, url } = await startLinking();
    control.status({ id: 'inst_abc123', status: 'disconnected' });
    const first = (await connect()).body.qrCode;
    const other = await write(url, 'POST /instances/inst_abc123/connect', { method: 'qrcode' });
    expect(other.body.qrCode).not.toBe(first);
    control.scan({ id: 'inst_abc123' });
    expect((await qr()).data.qrCode).toBe(first);
  });

  test('the status control and remove end an attempt', async () => {
    const { connect, qr, control } = await startLinking();
    await connect();
    control.status({ id, status: 'disconnected' });
    expect((await qr()).data.qrCode).toBeNull();
    await connect();
    control.remove({ id });
    control.add({ instance: { id, status: 'disconnected' } });
    expect((await qr()).data.qrCode).toBeNull();
  });
});
