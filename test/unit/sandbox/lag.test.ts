import { describe, expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { idsOf, send, sandboxWith, write } from '#test/support/sandbox/sandbox.ts';

const id = 'inst_ghi789';

async function lagging() {
  const clock = createTestClock(Date.UTC(2026, 5, 1));
  const { url, control } = await sandboxWith({ now: clock.now, ratePerMinute: 1000 });
  control.lag({ ms: 5000 });
  const listed = async () =>
    (await send(url, '/instances')).body.data.find((row: { id: string }) => row.id === id);
  const byId = async () => (await send(url, `/instances/${id}`)).body.data;
  const endpoint = async () => (await send(url, `/instances/${id}/status`)).body.data;
  return { url, control, clock, listed, byId, endpoint };
}

describe('a list that lags', () => {
  test('the list shows a write after the lag; by id and the status endpoint at once', async () => {
    const { url, clock, listed, byId, endpoint } = await lagging();
    await write(url, `PATCH /instances/${id}`, { name: 'New' });
    expect((await byId()).name).toBe('New');
    expect((await endpoint()).name).toBe('New');
    clock.advance(4999);
    expect((await listed()).name).toBe('Marketing WhatsApp');
    clock.advance(1);
    expect((await listed()).name).toBe('New');
  });

  test('the changes appear in their order, each after the lag', async () => {
    const { url, clock, control, listed } = await lagging();
    const seen = [];
    await write(url, `PATCH /instances/${id}`, { name: 'A' });
    clock.advance(2000);
    control.status({ id, status: 'connected' });
    for (let second = 2; second <= 8; second += 1) {
      const { name, status } = await listed();
      seen.push(`${second} ${name} ${status}`);
      clock.advance(1000);
    }
    expect(seen).toEqual([
      '2 Marketing WhatsApp disconnected',
      '3 Marketing WhatsApp disconnected',
      '4 Marketing WhatsApp disconnected',
      '5 A disconnected',
      '6 A disconnected',
      '7 A connected',
      '8 A connected',
    ]);
  });

  test('a created and a removed instance are listed late', async () => {
    const { url, clock, control } = await lagging();
    const created = (await write(url, 'POST /instances', { name: 'New' })).body.data.id;
    control.remove({ id });
    expect((await send(url, `/instances/${created}`)).status).toBe(200);
    expect((await send(url, `/instances/${id}`)).status).toBe(404);
    expect(idsOf(await send(url, '/instances'))).toEqual(['inst_abc123', 'inst_def456', id]);
    clock.advance(5000);
    expect(idsOf(await send(url, '/instances'))).toEqual(['inst_abc123', 'inst_def456', created]);
  });

  test('the end of an attempt is listed the lag after it, although no call came meanwhile', async () => {
    const { url, clock, listed, endpoint } = await lagging();
    await write(url, `POST /instances/${id}/connect`, { method: 'qrcode' });
    clock.advance(160_000);
    expect((await endpoint()).status).toBe('disconnected');
    expect((await listed()).status).toBe('connecting');
    clock.advance(5000);
    expect((await listed()).status).toBe('disconnected');
  });

  test('with idLags, an instance by id lags like the list', async () => {
    const { url, control, clock, byId, endpoint } = await lagging();
    control.behave({ idLags: true });
    await write(url, `PATCH /instances/${id}`, { name: 'New' });
    expect((await byId()).name).toBe('Marketing WhatsApp');
    expect((await endpoint()).name).toBe('New');
    const created = (await write(url, 'POST /instances', { name: 'New' })).body.data.id;
    expect((await send(url, `/instances/${created}`)).status).toBe(404);
    clock.advance(5000);
    expect((await byId()).name).toBe('New');
  });

  test('stir changes rows of a list that lags', async () => {
    const { control, clock, listed } = await lagging();
    control.stir({ on: true });
    const before = (await listed()).lastSeenAt;
    await listed();
    await listed();
    clock.advance(5000);
    expect((await listed()).lastSeenAt).not.toBe(before);
  });

  test('a lag of 0 shows all changes at once, also those before it', async () => {
    const { control, listed } = await lagging();
    control.status({ id, status: 'connected' });
    expect((await listed()).status).toBe('disconnected');
    control.lag({ ms: 0 });
    expect((await listed()).status).toBe('connected');
  });
});
