import { expect, test } from 'vitest';
import { line, startWatched } from '#test/support/live/watched-server.ts';

const minuteMs = 60_000;
const at = (iso: string) => Date.parse(iso);

test('fifty screens on one line cost 23 calls a minute, and show each code within a second', async () => {
  const server = await startWatched();
  const { clock, control } = server;
  await server.connect();
  const openedAt = clock.now();
  const screens = await Promise.all(Array.from({ length: 50 }, () => server.openScreen()));
  await server.settle();

  // Five codes: a minute, then 20 seconds each.
  const callsInMinute: number[] = [];
  let before = server.calls().length;
  for (const _ of [1, 2]) {
    await server.pass(minuteMs);
    callsInMinute.push(server.calls().length - before);
    before = server.calls().length;
  }
  await server.pass(15_000);
  control.scan({ key: 'test', id: line });
  const scannedAt = clock.now();
  await server.pass(3500);

  expect(Math.max(...callsInMinute)).toBeLessThanOrEqual(23);
  const first = { status: 'QR_PENDING', outcome: null };
  for (const screen of screens) {
    expect(await screen.ended).toContain('event: complete');
    const events = screen.arrivals.map(({ result, at: time }) => ({
      ...result.data.instanceQrCode,
      time,
    }));
    const codes = events.slice(0, -1);
    expect(codes).toHaveLength(5);
    expect(new Set(codes.map(({ image }) => image)).size).toBe(5);
    for (const [index, code] of codes.entries()) {
      expect(code).toMatchObject(first);
      expect(at(code.expiresAt)).toBeGreaterThan(code.time);
      const previous = codes[index - 1];
      const validFrom = previous ? at(previous.expiresAt) : openedAt;
      expect(code.time - validFrom).toBeLessThanOrEqual(1000);
    }
    expect(events.at(-1)).toMatchObject({ status: 'CONNECTED', image: null, outcome: 'LINKED' });
    expect(events.at(-1).time - scannedAt).toBeLessThanOrEqual(3500);
  }
});

test('a screen that joins gets the current code at once, without a call', async () => {
  const server = await startWatched();
  await server.connect();
  const first = await server.openScreen();
  await expect.poll(() => first.results()).toHaveLength(1);
  const calls = server.calls();
  const second = await server.openScreen();
  await expect.poll(() => second.results()).toEqual(first.results());
  expect(server.calls()).toEqual(calls);
});

test('a screen with another selection costs no other calls', async () => {
  const server = await startWatched();
  await server.connect();
  const first = await server.openScreen();
  await expect.poll(() => first.results()).toHaveLength(1);
  const calls = server.calls();
  const other = await server.open(`subscription { instanceQrCode(id: "${line}") { status } }`);
  await expect
    .poll(() => other.results())
    .toEqual([{ data: { instanceQrCode: { status: 'QR_PENDING' } } }]);
  expect(server.calls()).toEqual(calls);
});

test('a screen that joins while EnviaAI is down gets no expired code', async () => {
  const server = await startWatched();
  await server.connect();
  const first = await server.openScreen();
  await expect.poll(() => first.results()).toHaveLength(1);
  server.control.fail({ key: 'test', times: 1000, status: 503 });
  await server.pass(61_000);
  const second = await server.openScreen();
  const hidden = { status: 'QR_PENDING', image: null, expiresAt: null, outcome: null };
  await expect.poll(() => second.results()).toEqual([{ data: { instanceQrCode: hidden } }]);
  expect(first.results().at(-1)).toEqual({ data: { instanceQrCode: hidden } });
  expect(first.isEnded()).toBe(false);

  server.control.fail({ key: 'test', times: 0 });
  await server.pass(6000);
  for (const screen of [first, second]) {
    await expect
      .poll(() => screen.results().at(-1).data.instanceQrCode.image)
      .toMatch(/^data:image\/png;base64,/);
  }
});

test('of several lines, the rows are read together, and each code when it expires', async () => {
  const server = await startWatched({ instances: 20 });
  const ids = ['inst_ghi789', 'inst_abc123'];
  server.control.status({ key: 'test', id: 'inst_abc123', status: 'disconnected' });
  for (const id of ids) await server.connect(id);
  const screens = await Promise.all(ids.map((id) => server.openScreen(id)));
  await server.pass(minuteMs);
  const before = server.qrCalls().length;
  const all = server.calls().length;
  await server.pass(minuteMs);
  expect(server.qrCalls().length - before).toBeLessThanOrEqual(2 * 4);
  expect(server.calls().length - all).toBeLessThanOrEqual(23);
  for (const { arrivals } of screens) {
    for (const { result, at: time } of arrivals) {
      const { expiresAt } = result.data.instanceQrCode;
      if (expiresAt) expect(at(expiresAt)).toBeGreaterThan(time);
    }
  }

  server.control.scan({ key: 'test', id: 'inst_ghi789' });
  await server.pass(5000);
  expect(screens[0]?.results().at(-1)).toMatchObject({
    data: { instanceQrCode: { status: 'CONNECTED', outcome: 'LINKED' } },
  });
  expect(screens[1]?.isEnded()).toBe(false);
});

test('a poller stops five seconds after its last screen has left', async () => {
  const server = await startWatched();
  await server.connect();
  const screen = await server.openScreen();
  await expect.poll(() => screen.results()).toHaveLength(1);
  screen.leave();
  await server.pass(6000);
  const calls = server.calls();
  await server.pass(minuteMs);
  expect(server.calls()).toEqual(calls);
});

test('a poller goes on for a screen that returns within five seconds', async () => {
  const server = await startWatched();
  await server.connect();
  const first = await server.openScreen();
  await expect.poll(() => first.results()).toHaveLength(1);
  first.leave();
  await server.pass(2000);
  const calls = server.calls();
  const second = await server.openScreen();
  await expect.poll(() => second.results()).toHaveLength(1);
  expect(server.calls()).toEqual(calls);
  await server.pass(10_000);
  expect(server.qrCalls().length).toBeGreaterThan(3);
});
