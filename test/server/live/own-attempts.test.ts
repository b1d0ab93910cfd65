import { expect, test } from 'vitest';
import { startIssuer } from '#test/support/callers/issuer.ts';
import { createTestClock } from '#test/support/clock.ts';
import { line, startWatched, type WatchedServer } from '#test/support/live/watched-server.ts';

const connect = `mutation { connectInstance(id: "${line}") { qrCode { image } userErrors { code } } }`;
const disconnect = `mutation { disconnectInstance(id: "${line}") { userErrors { code } } }`;
const imageOf = async (server: WatchedServer): Promise<string | undefined> =>
  (await server.query(connect)).data.connectInstance.qrCode?.image;

async function screenOf(server: WatchedServer) {
  const screen = await server.openScreen();
  await server.settle();
  const last = () => screen.results().at(-1)?.data?.instanceQrCode;
  return { ...screen, isEnded: screen.isEnded, last };
}
const writes = (server: WatchedServer) =>
  server.calls().filter((call) => call.startsWith('POST')).length;

test('a screen shows the code of connectInstance at once, without a call', async () => {
  const server = await startWatched();
  const image = await imageOf(server);
  const calls = server.calls();
  const screen = await screenOf(server);
  expect(screen.last()).toMatchObject({ status: 'QR_PENDING', image, outcome: null });
  expect(server.calls()).toEqual(calls);
});

test('a screen that waits shows the code as soon as connectInstance has it', async () => {
  const server = await startWatched();
  const screen = await screenOf(server);
  expect(screen.last()).toMatchObject({ status: 'DISCONNECTED', image: null });
  const image = await imageOf(server);
  await expect.poll(() => screen.last().image).toBe(image);
  expect(server.qrCalls()).toEqual([]);
});

test('connectInstance joins an attempt with the code that the screens show', async () => {
  const server = await startWatched();
  await imageOf(server);
  const screen = await screenOf(server);
  await server.pass(65_000);
  expect(await imageOf(server)).toBe(screen.last().image);
  expect(writes(server)).toBe(1);
});

test('a cancelled attempt is EXPIRED at once, and its code is not asked for again', async () => {
  const server = await startWatched();
  server.control.behave({ key: 'test', qrEndpointStarts: true });
  await imageOf(server);
  const screen = await screenOf(server);
  await server.pass(10_000);
  const asked = server.qrCalls();
  await server.query(disconnect);
  await screen.ended;
  expect(screen.last()).toMatchObject({ status: 'DISCONNECTED', outcome: 'EXPIRED' });
  await server.pass(30_000);
  expect(server.qrCalls()).toEqual(asked);
});

test('after LINKED, reads show it at once, and connectInstance has no code', async () => {
  const server = await startWatched();
  await imageOf(server);
  const screen = await screenOf(server);
  await server.pass(4000);
  server.control.scan({ key: 'test', id: line });
  await server.pass(3250);
  await screen.ended;
  expect(screen.last()).toMatchObject({ outcome: 'LINKED' });
  const { data } = await server.query(`{ instance(id: "${line}") { status } }`);
  expect(data.instance.status).toBe('CONNECTED');
  expect((await imageOf(server)) ?? null).toBeNull();
});

test('a list that lags does not end an attempt: the QR endpoint has to confirm it', async () => {
  const server = await startWatched();
  await server.connect();
  server.control.scan({ key: 'test', id: line });
  await server.query(disconnect);
  await server.pass(11_000);
  // From now on, the list shows the line as it was: disconnected, later connected by another phone.
  server.control.status({ key: 'test', id: line, status: 'connected' });
  server.control.lag({ key: 'test', ms: 120_000 });
  server.control.status({ key: 'test', id: line, status: 'disconnected' });
  await imageOf(server);
  const screen = await screenOf(server);
  await server.pass(12_000);
  const { data } = await server.query('{ instances { nodes { id status } } }');
  expect(data.instances.nodes).toContainEqual({ id: line, status: 'CONNECTED' });
  await server.pass(10_000);
  expect(screen.isEnded()).toBe(false);
  expect(screen.last()).toMatchObject({ status: 'QR_PENDING', outcome: null });
});

test('where mutations are off, nobody sees a code', async () => {
  const server = await startWatched({ env: { MUTATIONS: 'off' } });
  await server.connect();
  const screen = await screenOf(server);
  await screen.ended;
  expect(screen.results()).toMatchObject([{ errors: [{ extensions: { code: 'FORBIDDEN' } }] }]);
  expect(server.qrCalls()).toEqual([]);
});

test('a caller without the scope sees no code, although another caller watches it', async () => {
  const clock = createTestClock();
  const issuer = await startIssuer(clock.now);
  const env = { ...issuer.env, MUTATIONS: 'on', AUTH_WRITE_SCOPE: 'lines:write' };
  const server = await startWatched({ clock, env });
  await server.connect(line, 'sk_live_server');
  const screenWith = async (claims: Record<string, unknown>) => {
    const token = await issuer.mint({ claims });
    return server.openScreen(line, { headers: { authorization: `Bearer ${token}` } });
  };
  const allowed = await screenWith({ scope: 'lines:write', sub: 'a' });
  await expect.poll(() => allowed.results()).toHaveLength(1);
  const refused = await screenWith({ scope: 'lines:read', sub: 'b' });
  expect(await refused.ended).not.toContain('data:image');
  expect(refused.results()).toMatchObject([{ errors: [{ extensions: { code: 'FORBIDDEN' } }] }]);
  expect(allowed.isEnded()).toBe(false);
});

test('a screen that is opened after connectInstance is sent the code once', async () => {
  const server = await startWatched();
  const image = await imageOf(server);
  const screens = [await screenOf(server), await screenOf(server)];
  await server.pass(2000);
  for (const screen of screens) {
    expect(screen.results()).toMatchObject([{ data: { instanceQrCode: { image } } }]);
  }
});
