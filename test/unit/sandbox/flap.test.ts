import { describe, expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { startReceiver } from '#test/support/sandbox/receiver.ts';
import { send, sandboxWith, write } from '#test/support/sandbox/sandbox.ts';

async function flapping() {
  const clock = createTestClock(Date.UTC(2026, 5, 1));
  const { now, setTimer } = clock;
  const { url, control } = await sandboxWith({ now, setTimer, ratePerMinute: 10_000 });
  const statuses = async () =>
    (await send(url, '/instances')).body.data.map(({ status }: { status: string }) =>
      status === 'connected' ? 'c' : status.slice(0, 1),
    );
  const rows = async () => (await send(url, '/instances')).body.data;
  return { url, control, clock, statuses, rows };
}

describe('rows that flap', () => {
  test('with everyMs, one instance after the other changes as time passes', async () => {
    const { control, clock, statuses, rows } = await flapping();
    control.flap({ on: true, everyMs: 1000 });
    expect(await statuses()).toEqual(['c', 'c', 'd']);
    clock.advance(999);
    expect(await statuses()).toEqual(['c', 'c', 'd']);
    clock.advance(1);
    expect(await statuses()).toEqual(['d', 'c', 'd']);
    clock.advance(2500);
    expect(await statuses()).toEqual(['d', 'd', 'c']);
    expect((await rows())[2].lastSeenAt).toBe('2026-06-01T00:00:03.000Z');
  });

  test('without everyMs, one instance changes at each call', async () => {
    const { control, statuses } = await flapping();
    control.flap({ on: true });
    expect(await statuses()).toEqual(['d', 'c', 'd']);
    expect(await statuses()).toEqual(['d', 'd', 'd']);
    expect(await statuses()).toEqual(['d', 'd', 'c']);
    control.flap({ on: false });
    expect(await statuses()).toEqual(['d', 'd', 'c']);
  });

  test('an instance with a code to scan does not change', async () => {
    const { url, control, clock } = await flapping();
    const path = '/instances/inst_ghi789';
    await write(url, `POST ${path}/connect`, { method: 'qrcode' });
    control.flap({ on: true, everyMs: 100 });
    for (let second = 0; second < 59; second += 1) {
      clock.advance(1000);
      expect((await send(url, path)).body.data.status).toBe('connecting');
    }
  });

  test('after a year, the next call is answered', async () => {
    const { control, clock, statuses } = await flapping();
    control.flap({ on: true, everyMs: 1 });
    clock.advance(365 * 86_400_000);
    expect(await statuses()).toHaveLength(3);
  });

  test('with a webhook, each change is delivered when it happens, without a call', async () => {
    const { control, clock } = await flapping();
    const receiver = await startReceiver();
    control.webhook({ url: receiver.url });
    control.flap({ on: true, everyMs: 1000 });
    for (let change = 1; change <= 3; change += 1) {
      clock.advance(1000);
      await expect.poll(() => control.deliveries().deliveries.length, { interval: 1 }).toBe(change);
    }
    expect(receiver.received).toEqual([
      'instance.disconnected inst_abc123 2026-06-01T00:00:01.000Z',
      'instance.disconnected inst_def456 2026-06-01T00:00:02.000Z',
      'instance.connected inst_ghi789 2026-06-01T00:00:03.000Z',
    ]);
  });
});
