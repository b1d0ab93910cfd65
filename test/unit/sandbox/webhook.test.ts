import { describe, expect, test } from 'vitest';
import type { WebhookSettings } from '#src/sandbox/webhook/webhook.ts';
import { createTestClock } from '#test/support/clock.ts';
import { startReceiver } from '#test/support/sandbox/receiver.ts';
import { postControl, sandboxWith, write } from '#test/support/sandbox/sandbox.ts';

const id = 'inst_ghi789';

async function delivering(settings: Partial<WebhookSettings> = {}) {
  const clock = createTestClock(Date.UTC(2026, 5, 1));
  const { now, setTimer } = clock;
  const { url, control } = await sandboxWith({ now, setTimer });
  const receiver = await startReceiver();
  control.webhook({ url: receiver.url, ...settings });
  /** The tries have got their responses, so the clock may go on. */
  const arrived = (count: number) =>
    expect.poll(() => control.deliveries().deliveries.length, { interval: 1 }).toBe(count);
  const disconnect = (which: string) => control.status({ id: which, status: 'disconnected' });
  return { url, control, clock, receiver, arrived, disconnect };
}

describe('the webhook of the sandbox', () => {
  test('a delivery has the documented body, signed with the secret', async () => {
    const { control, receiver, arrived, disconnect } = await delivering({ secret: 'secret' });
    disconnect('inst_abc123');
    await arrived(1);
    expect(receiver.bodies).toEqual([
      `{"event":"instance.disconnected","timestamp":"2026-06-01T00:00:00.000Z","data":{"instanceId":"inst_abc123"}}`,
    ]);
    expect(receiver.received).toHaveLength(1);
    control.webhook({ url: receiver.url, secret: 'another' });
    disconnect('inst_def456');
    await arrived(2);
    expect(receiver.received).toHaveLength(1);
  });

  test('an attempt is reported code by code, although no call comes meanwhile', async () => {
    const { url, clock, receiver, arrived } = await delivering();
    await write(url, `POST /instances/${id}/connect`, { method: 'qrcode' });
    await arrived(1);
    for (const [at, ms] of [60_000, 20_000, 20_000, 20_000, 20_000, 20_000].entries()) {
      clock.advance(ms);
      await arrived(at + 2);
    }
    expect(receiver.received).toEqual([
      `instance.qr_updated ${id} 2026-06-01T00:00:00.000Z`,
      `instance.qr_updated ${id} 2026-06-01T00:01:00.000Z`,
      `instance.qr_updated ${id} 2026-06-01T00:01:20.000Z`,
      `instance.qr_updated ${id} 2026-06-01T00:01:40.000Z`,
      `instance.qr_updated ${id} 2026-06-01T00:02:00.000Z`,
      `instance.qr_updated ${id} 2026-06-01T00:02:20.000Z`,
      `instance.disconnected ${id} 2026-06-01T00:02:40.000Z`,
    ]);
  });

  test('a scan and a disconnect are reported, and a status that does not change is not', async () => {
    const { url, control, receiver, arrived } = await delivering();
    await write(url, `POST /instances/${id}/connect`, { method: 'qrcode' });
    await arrived(1);
    control.scan({ id });
    await arrived(2);
    control.status({ id, status: 'connected' });
    await write(url, `POST /instances/${id}/disconnect`);
    await arrived(3);
    expect(receiver.received.map((line) => line.split(' ')[0])).toEqual([
      'instance.qr_updated',
      'instance.connected',
      'instance.disconnected',
    ]);
  });

  test('deliveries can be dropped, and repeated', async () => {
    const { receiver, arrived, disconnect } = await delivering({ drop: 1, repeat: 2 });
    disconnect('inst_abc123');
    disconnect('inst_def456');
    await arrived(3);
    expect(new Set(receiver.received)).toEqual(
      new Set(['instance.disconnected inst_def456 2026-06-01T00:00:00.000Z']),
    );
  });

  test('reorder sends an event after the next one, or after a second', async () => {
    const { control, clock, receiver, arrived, disconnect } = await delivering({ reorder: true });
    disconnect('inst_abc123');
    disconnect('inst_def456');
    await arrived(2);
    expect(receiver.received.map((line) => line.split(' ')[1])).toEqual([
      'inst_def456',
      'inst_abc123',
    ]);
    control.status({ id, status: 'connected' });
    clock.advance(999);
    expect(receiver.bodies).toHaveLength(2);
    clock.advance(1);
    await arrived(3);
    expect(receiver.received[2]).toContain(id);
  });

  test('a delay keeps the time of the event', async () => {
    const { clock, receiver, arrived, disconnect } = await delivering({ delayMs: 5000 });
    disconnect('inst_abc123');
    clock.advance(5000);
    await arrived(1);
    expect(receiver.received[0]).toContain('2026-06-01T00:00:00.000Z');
  });

  test('what gets no 2xx is sent again, at once and then after each documented wait', async () => {
    const { control, clock, receiver, arrived, disconnect } = await delivering();
    receiver.answers.push(500, 302, 404, 503);
    disconnect('inst_abc123');
    await arrived(2);
    for (const [at, ms] of [30_000, 120_000, 600_000].entries()) {
      clock.advance(ms - 1);
      expect(receiver.bodies).toHaveLength(at + 2);
      clock.advance(1);
      await arrived(at + 3);
    }
    expect(new Set(receiver.bodies).size).toBe(1);
    expect(control.deliveries().deliveries).toEqual(
      [500, 302, 404, 503, 204].map((status, retry) => ({
        event: 'instance.disconnected',
        id: 'inst_abc123',
        retry,
        status,
      })),
    );
  });

  test('a receiver that is not there, or does not answer within 5 s, got nothing', async () => {
    const { control, clock, receiver, arrived, disconnect } = await delivering({ retriesMs: [] });
    receiver.answers.push(0);
    disconnect('inst_abc123');
    await expect.poll(() => receiver.bodies.length, { interval: 1 }).toBe(1);
    clock.advance(5000);
    await arrived(1);
    control.webhook({ url: 'http://127.0.0.1:1/', retriesMs: [] });
    disconnect('inst_def456');
    await arrived(2);
    expect(control.deliveries().deliveries.map(({ status }) => status)).toEqual([null, null]);
  });

  test('without retries, a delivery is sent once', async () => {
    const { receiver, arrived, disconnect } = await delivering({ retriesMs: [] });
    receiver.answers.push(500);
    disconnect('inst_abc123');
    await arrived(1);
    disconnect('inst_def456');
    await arrived(2);
    expect(receiver.received[1]).toContain('inst_def456');
  });

  test('url null and reset turn it off', async () => {
    const { control, receiver, arrived, disconnect } = await delivering();
    control.webhook({ url: null });
    disconnect('inst_abc123');
    control.webhook({ url: receiver.url });
    control.reset();
    disconnect('inst_abc123');
    control.webhook({ url: receiver.url });
    disconnect('inst_def456');
    await arrived(1);
    expect(receiver.received).toEqual([expect.stringContaining('inst_def456')]);
  });

  test.each(['https://127.0.0.1/', 'http://example.com/', 'http://127.0.0.1.example.com/', 'no'])(
    'the url %s is rejected',
    async (target) => {
      const { url } = await sandboxWith();
      const { status, body } = await postControl(url, 'webhook', { url: target });
      expect(status).toBe(400);
      expect(body.error.message).toContain('on this machine');
    },
  );
});
