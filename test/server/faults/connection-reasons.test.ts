import { once } from 'node:events';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { start } from '#test/support/start.ts';
import { createCertificates, hasOpenssl } from '#test/support/tls/certificates.ts';
import { always, startUpstream } from '#test/support/upstream.ts';

async function portOf(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.listen(0, 'localhost');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

const page = {
  success: true,
  data: [],
  pagination: { total: 0, limit: 100, offset: 0, hasMore: false },
};
const startHttps = (options: ServerOptions) =>
  portOf(createHttpsServer(options, (_, response) => response.end(JSON.stringify(page))));

const onRequest = (handle: (socket: Socket) => void) =>
  portOf(
    createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => handle(socket));
    }),
  );

/** One operation over an upstream that fails: its reason in the log, and what else reports it. */
async function observe(upstream: string) {
  const server = await start({ upstream, env: { ENVIAAI_TIMEOUT_MS: '500' } });
  const answer = await server.query('{ instances { totalCount } }');
  const get = async (path: string) => (await fetch(new URL(path, server.url))).text();
  const lines = server.log.map((line) => JSON.parse(line) as Record<string, unknown>);
  const metrics = await get('/metrics');
  return {
    answer,
    ready: JSON.parse(await get('/readyz')) as { upstream: string },
    reasons: lines.flatMap(({ msg, reason }) => (msg === 'An operation failed' ? [reason] : [])),
    connectionReasons: lines.flatMap(({ msg, reason }) =>
      msg === 'A connection to EnviaAI failed' ? [reason] : [],
    ),
    log: server.log.join(''),
    counted: [
      ...metrics.matchAll(
        /enviaai_dependency_failures_total\{dependency="enviaai",reason="(.*)"\} [1-9]/g,
      ),
    ].map(([, reason]) => reason),
  };
}

async function expectReason(upstream: string, reason: string): Promise<void> {
  const seen = await observe(upstream);
  expect(seen.reasons).toEqual([reason]);
  expect(seen.counted).toContain(reason);
  const code = reason.endsWith('-timeout') ? 'UPSTREAM_TIMEOUT' : 'UPSTREAM_UNAVAILABLE';
  expect(seen.answer.errors).toMatchObject([{ extensions: { code } }]);
  expect(seen.answer.text).not.toMatch(new RegExp(`${reason}|${new URL(upstream).host}|ERR_|EC`));
  expect(seen.log).not.toContain(new URL(upstream).host);
}

test('an unknown host is logged as unknown-host', () =>
  expectReason('http://no-such-host.invalid/v1', 'unknown-host'));

test('a refused port is logged as refused', () => expectReason('http://127.0.0.1:1/v1', 'refused'));

test('a connection that is reset is logged as reset', async () =>
  expectReason(
    `http://localhost:${await onRequest((socket) => socket.resetAndDestroy())}`,
    'reset',
  ));

test('a connection that is closed without a response is logged as closed', async () =>
  expectReason(`http://localhost:${await onRequest((socket) => socket.end())}`, 'closed'));

test('a TLS handshake that hangs is logged as connect-timeout', async () =>
  expectReason(`https://localhost:${await onRequest(() => {})}`, 'connect-timeout'));

test('a response that does not arrive is logged as response-timeout', async () =>
  expectReason(`http://localhost:${await onRequest(() => {})}`, 'response-timeout'));

test('another protocol than HTTP is logged as not-http', async () =>
  expectReason(
    `http://localhost:${await onRequest((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'))}`,
    'not-http',
  ));

test('https to a port that expects http is logged as not-tls', async () => {
  const upstream = await startUpstream(always(200, page));
  onTestFinished(() => upstream.close());
  await expectReason(upstream.url.href.replace('http:', 'https:'), 'not-tls');
  expect(upstream.calls).toEqual([]);
});

test('a response with a status of 503 has a status, and no reason of the connection', async () => {
  const upstream = await startUpstream(always(503, {}));
  onTestFinished(() => upstream.close());
  const { log, reasons, counted } = await observe(upstream.url.href);
  expect(log).toContain('"status":503');
  expect(reasons).toEqual([undefined]);
  expect(counted).toEqual([]);
});

test('a failed connection is logged once although stale rows answer, and again after a success', async () => {
  const clock = createTestClock();
  let fails = false;
  const upstream = await startUpstream((request, response) => {
    if (fails) request.socket.resetAndDestroy();
    else response.end(JSON.stringify(page));
  });
  onTestFinished(() => upstream.close());
  const server = await start({ clock, upstream: upstream.url.href });
  const read = () => server.query('{ instances { totalCount } }');
  const lines = () => server.log.filter((line) => line.includes('A connection to EnviaAI failed'));
  await read();
  fails = true;
  for (const times of [1, 2]) {
    clock.advance(10_000);
    expect((await read()).extensions?.enviaai?.stale).toBe(true);
    expect(lines(), String(times)).toHaveLength(1);
  }
  fails = false;
  clock.advance(10_000);
  expect((await read()).extensions?.enviaai?.stale).toBe(false);
  fails = true;
  clock.advance(10_000);
  await read();
  expect(lines()).toHaveLength(2);
  expect(lines()[1]).toContain('"reason":"reset"');
});

describe.skipIf(!hasOpenssl)('TLS', () => {
  const usual = getCACertificates('default');
  const certificates = hasOpenssl ? createCertificates() : undefined!;
  beforeAll(() => setDefaultCACertificates([...usual, certificates.authority]));
  afterAll(() => setDefaultCACertificates(usual));

  const faults: readonly (readonly [string, string, () => ServerOptions])[] = [
    ['that has expired', 'certificate-expired', () => certificates.expired],
    ['of another host', 'certificate-wrong-host', () => certificates.ofAnotherHost],
    ['that is self-signed', 'certificate-self-signed', () => certificates.selfSigned],
  ];

  test.each(faults)('a certificate %s is logged as %s', async (_, reason, options) => {
    const upstream = `https://localhost:${await startHttps(options())}`;
    await expectReason(upstream, reason);
    const { ready, connectionReasons } = await observe(upstream);
    expect(ready).toMatchObject({ upstream: 'unreachable' });
    expect(connectionReasons).toEqual([reason]);
  });

  test('a certificate of an unknown authority is logged as certificate-untrusted', async () => {
    const port = await startHttps(createCertificates().valid);
    await expectReason(`https://localhost:${port}`, 'certificate-untrusted');
  });

  test('an old version of TLS is logged as tls-version', async () => {
    const ciphers = 'DEFAULT@SECLEVEL=0';
    const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers } as const;
    const port = await startHttps({ ...certificates.valid, ...old });
    await expectReason(`https://localhost:${port}`, 'tls-version');
  });

  test('http to a port that expects https is logged as closed', async () => {
    const port = await startHttps(certificates.valid);
    await expectReason(`http://localhost:${port}`, 'closed');
  });

  test('an upstream with a valid certificate is reachable, and is read', async () => {
    const port = await startHttps(certificates.valid);
    const { answer, ready, counted } = await observe(`https://localhost:${port}`);
    expect(answer.errors).toBeUndefined();
    expect(answer.data).toEqual({ instances: { totalCount: 0 } });
    expect(ready).toMatchObject({ upstream: 'reachable' });
    expect(counted).toEqual([]);
  });
});
