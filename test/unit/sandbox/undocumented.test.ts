import { describe, expect, test } from 'vitest';
import { id, startLinking } from '#test/support/sandbox/linking.ts';
import { send } from '#test/support/sandbox/sandbox.ts';

describe('what the documentation leaves open', () => {
  test.each([
    [true, 'qr_pending'],
    [false, 'disconnected'],
  ])(
    'with qrEndpointStarts %s, the QR endpoint of a disconnected line says %s',
    async (qrEndpointStarts, status) => {
      const { qr, control, row } = await startLinking();
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
      const { connect, control, clock } = await startLinking();
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
      const { connect, disconnect, control, row } = await startLinking();
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
      const { connect, control, details, qr, row } = await startLinking();
      control.behave({ pendingInList, pendingInStatus });
      expect((await connect()).body.status).toBe(pendingInStatus);
      expect((await qr()).data.status).toBe(pendingInStatus);
      expect((await details()).status).toBe(pendingInStatus);
      expect((await row()).status).toBe(pendingInList);
    },
  );

  test('with qrWhenConnected null, a connected line has no code instead of an error', async () => {
    const { url, control } = await startLinking();
    control.behave({ qrWhenConnected: 'null' });
    expect((await send(url, '/instances/inst_abc123/qrcode')).body.data).toEqual({
      qrCode: null,
      expiresAt: null,
      status: 'connected',
    });
  });

  test('with connectingIncludesQrPending, the list of status=connecting has both', async () => {
    const { url, control } = await startLinking();
    control.status({ id, status: 'qr_pending' });
    control.behave({ connectingIncludesQrPending: true });
    expect((await send(url, '/instances?status=connecting')).body.pagination.total).toBe(1);
  });

  test('behave keeps what is left out, and returns all', async () => {
    const { control } = await startLinking();
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
