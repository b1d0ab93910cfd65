import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { redisReasonOf } from '#src/store/redis/redis-reason.ts';
import { start } from '#test/support/start.ts';
import { hasRedis, redisNote, startRedis } from '#test/support/store/redis-server.ts';
import { createCertificates, hasOpenssl } from '#test/support/tls/certificates.ts';

async function portOf(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => {})));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

/** A Redis that sends the same reply to each command. */
const startScripted = (reply: string) =>
  portOf(
    createServer((socket) => {
      socket.on('data', (bytes) => {
        const commands = bytes.toString().match(/\*\d+\r\n/g) ?? [];
        for (const _ of commands) socket.write(`${reply}\r\n`);
      });
    }),
  );

/** Starts a server with this Redis, and expects the reason in its log and metrics only. */
async function expectReason(url: string, reason: string): Promise<void> {
  const server = await start({ env: { REDIS_URL: url } });
  const answer = await server.query('{ instances { totalCount } }');
  expect(answer.errors).toBeUndefined();
  const lines = server.log.map((line) => JSON.parse(line) as { msg: string; reason?: string });
  const reasons = lines.flatMap(({ msg, reason }) => (msg.startsWith('Redis is') ? [reason] : []));
  expect(reasons).toContain(reason);
  // Each reason is logged once, however often Redis is tried.
  expect(new Set(reasons).size).toBe(reasons.length);
  const metrics = await (await fetch(new URL('/metrics', server.url))).text();
  expect(metrics).toMatch(
    new RegExp(
      `enviaai_dependency_failures_total\\{dependency="redis",reason="${reason}"\\} [1-9]`,
    ),
  );
  expect(server.log.join('')).not.toMatch(/secret|127\.0\.0\.1|no-such-host/);
  const ready = await (await fetch(new URL('/readyz', server.url))).text();
  expect(JSON.parse(ready)).toMatchObject({ store: 'local' });
  expect(ready).not.toContain(reason);
}

test.each([
  ['WRONGPASS invalid username-password pair or user is disabled.', 'wrong-password'],
  ['NOAUTH Authentication required.', 'no-password'],
  ["NOPERM this user has no permissions to run the 'evalsha' command", 'no-permission'],
  ['MOVED 3999 10.1.2.3:6381', 'cluster'],
  ['CLUSTERDOWN Hash slot not served', 'cluster'],
  ["READONLY You can't write against a read only replica.", 'read-only'],
  ['MASTERDOWN Link with MASTER is down', 'read-only'],
  ['LOADING Redis is loading the dataset in memory', 'loading'],
  ["OOM command not allowed when used memory > 'maxmemory'.", 'out-of-memory'],
  ['MISCONF Redis is configured to save RDB snapshots, but cannot', 'cannot-save'],
  ['BUSY Redis is busy running a script.', 'busy'],
  ['DENIED Redis is running in protected mode', 'protected-mode'],
  ['WRONGTYPE Operation against a key holding the wrong kind of value', 'wrong-type'],
  ["ERR Error running script: @user_script:1: -READONLY You can't write", 'read-only'],
  ['ERR unknown command EVALSHA', 'error-reply'],
])('the reply %s is logged as %s', async (reply, reason) =>
  expectReason(`redis://127.0.0.1:${await startScripted(`-${reply}`)}`, reason),
);

test('a wrong password of a URL is logged as wrong-password, without the password', async () => {
  const port = await startScripted('-WRONGPASS invalid username-password pair');
  await expectReason(`redis://user:secret@127.0.0.1:${port}`, 'wrong-password');
});

test('a refused port is logged as refused', () => expectReason('redis://127.0.0.1:1', 'refused'));

test('an unknown host is logged as unknown-host', () =>
  expectReason('redis://no-such-host.invalid', 'unknown-host'));

test('a Redis that does not reply is logged as response-timeout', async () =>
  expectReason(`redis://127.0.0.1:${await portOf(createServer(() => {}))}`, 'response-timeout'));

test('a Redis that closes the connection is logged as closed', async () =>
  expectReason(
    `redis://127.0.0.1:${await portOf(createServer((socket) => socket.end()))}`,
    'closed',
  ));

test('another protocol is logged as not-redis', async () =>
  expectReason(
    `redis://127.0.0.1:${await startScripted('HTTP/1.1 400 Bad Request')}`,
    'not-redis',
  ));

describe.skipIf(!hasOpenssl)('TLS', () => {
  const startTls = () =>
    portOf(
      createTlsServer(createCertificates().selfSigned, () => {}).on('tlsClientError', () => {}),
    );

  test('a self-signed certificate is logged as certificate-self-signed', async () =>
    expectReason(`rediss://127.0.0.1:${await startTls()}`, 'certificate-self-signed'));

  test('redis to a port that expects TLS is logged as closed', async () =>
    expectReason(`redis://127.0.0.1:${await startTls()}`, 'closed'));

  test('rediss to a port that expects no TLS is logged as connect-timeout', async () =>
    expectReason(`rediss://127.0.0.1:${await portOf(createServer(() => {}))}`, 'connect-timeout'));
});

describe.skipIf(!hasRedis)(`a real Redis${redisNote}`, () => {
  const clusterFile = join(tmpdir(), `nodes-${process.pid}.conf`);
  test.each([
    ['has a password, and the URL none', 'no-password', '', ['--requirepass', 'x']],
    ['has another password', 'wrong-password', ':secret@', ['--requirepass', 'x']],
    ['is a replica', 'read-only', '', ['--replicaof', '127.0.0.1 1']],
    [
      'is a cluster',
      'cluster',
      '',
      ['--cluster-enabled', 'yes', '--cluster-config-file', clusterFile],
    ],
    [
      'is out of memory',
      'out-of-memory',
      '',
      ['--maxmemory', '1', '--maxmemory-policy', 'noeviction'],
    ],
  ] as const)('that %s is logged as %s', async (_, reason, credentials, settings) => {
    const { url } = await startRedis(...settings);
    await expectReason(`redis://${credentials}${url.host}`, reason);
  });
});

test('an error that only says that there is no connection has no reason', () => {
  expect(redisReasonOf(new Error('Connection is closed.'))).toBeNull();
  expect(redisReasonOf(new Error("Stream isn't writeable and so on"))).toBeNull();
  expect(redisReasonOf(new Error('something'))).toBe('other');
});
