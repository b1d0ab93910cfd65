import { once } from 'node:events';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { start } from '#test/support/start.ts';
import { createCertificates, hasOpenssl } from '#test/support/tls/certificates.ts';
import { always, startUpstream, type UpstreamHandler } from '#test/support/upstream.ts';

/** Starts a server with this AUTH_JWKS_URL, and expects the reason in its log and metrics only. */
async function expectReason(url: string, reason: string): Promise<void> {
  const server = await start({
    env: {
      AUTH: 'jwt',
      ENVIAAI_API_KEY: 'key',
      AUTH_JWKS_URL: url,
      AUTH_ISSUER: 'https://issuer.example',
      AUTH_AUDIENCE: 'graph',
      REQUEST_TIMEOUT_MS: '300',
    },
  });
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = `${part({ alg: 'RS256', kid: 'a' })}.${part({ sub: 'b' })}.c`;
  const answer = await server.query(
    '{ rateLimit { limit } }',
    {},
    { authorization: `Bearer ${token}` },
  );
  expect(answer.errors).toMatchObject([{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
  expect(answer.text).not.toMatch(new RegExp(`${reason}|${new URL(url).host}`));
  const lines = server.log.map((line) => JSON.parse(line) as { msg: string; reason?: string });
  const reasons = lines.flatMap(({ msg, reason }) =>
    msg === 'Cannot fetch the keys from AUTH_JWKS_URL' ? [reason] : [],
  );
  expect(new Set(reasons)).toEqual(new Set([reason]));
  expect(server.log.join('')).not.toContain(new URL(url).host);
  const metrics = await (await fetch(new URL('/metrics', server.url))).text();
  expect(metrics).toMatch(
    new RegExp(`enviaai_dependency_failures_total\\{dependency="jwks",reason="${reason}"\\} [1-9]`),
  );
}

const handlers: readonly (readonly [string, string, UpstreamHandler])[] = [
  ['an error status', 'http-status', always(503, 'down')],
  ['a redirect', 'http-status', always(302, '', { location: '/elsewhere' })],
  ['a page of HTML', 'not-json', always(200, '<html>')],
  ['JSON that is not a key set', 'not-a-key-set', always(200, { error: 'x' })],
  ['a connection that is reset', 'reset', (request) => void request.socket.resetAndDestroy()],
  ['a connection that is closed', 'closed', (request) => void request.socket.end()],
  ['no response', 'response-timeout', () => {}],
];

test.each(handlers)('%s of the issuer is logged as %s', async (_, reason, handler) => {
  const issuer = await startUpstream(handler);
  onTestFinished(() => issuer.close());
  await expectReason(issuer.url.href, reason);
});

test('an unknown host of the issuer is logged as unknown-host', () =>
  expectReason('http://no-such-host.invalid/keys', 'unknown-host'));

test('a refused port of the issuer is logged as refused', async () => {
  const issuer = await startUpstream(always(200, {}));
  await issuer.close();
  await expectReason(issuer.url.href, 'refused');
});

test('https to a port of the issuer that expects http is logged as not-tls', async () => {
  const issuer = await startUpstream(always(200, { keys: [] }));
  onTestFinished(() => issuer.close());
  await expectReason(issuer.url.href.replace('http:', 'https:'), 'not-tls');
});

test.skipIf(!hasOpenssl)(
  'a self-signed certificate of the issuer is logged as certificate-self-signed',
  async () => {
    const issuer = createHttpsServer(createCertificates().selfSigned).listen(0, 'localhost');
    await once(issuer, 'listening');
    onTestFinished(() => void issuer.close());
    const { port } = issuer.address() as AddressInfo;
    await expectReason(`https://localhost:${port}/keys`, 'certificate-self-signed');
  },
);
