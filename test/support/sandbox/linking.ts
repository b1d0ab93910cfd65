import { createTestClock } from '#test/support/clock.ts';
import { sandboxWith, send, write } from './sandbox.ts';

/** An instance that is not linked. */
export const id = 'inst_ghi789';

/** A sandbox with a clock, and the calls that link {@link id}. */
export async function startLinking() {
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
