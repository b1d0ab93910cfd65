import { expect, test } from 'vitest';
import { startIssuer, startWithIssuer } from '#test/support/callers/issuer.ts';
import { start } from '#test/support/start.ts';

const disconnect = 'mutation { disconnectInstance(id: "inst_abc123") { userErrors { code } } }';

test('with MUTATIONS=off, a mutation is refused without a call', async () => {
  const server = await start({ env: { MUTATIONS: 'off' } });
  const { data, errors } = await server.query(disconnect);
  expect(data).toEqual({ disconnectInstance: null });
  expect(errors?.[0]).toMatchObject({
    message: expect.stringMatching(/^This server does not allow changes .* variable MUTATIONS\.$/),
    extensions: { code: 'FORBIDDEN' },
  });
  expect(server.calls()).toEqual([]);
});

test('with AUTH=none, mutations are off unless they are turned on', async () => {
  const env = { AUTH: 'none', ENVIAAI_API_KEY: 'test' };
  const standard = await start({ env });
  expect((await standard.query(disconnect)).errors?.[0]?.extensions).toEqual({ code: 'FORBIDDEN' });
  const on = await start({ env: { ...env, MUTATIONS: 'on' } });
  expect((await on.query(disconnect)).errors).toBeUndefined();
});

test.each([
  ['no scope', {}, false],
  ['another scope', { scope: 'instances:read openid' }, false],
  ['the scope', { scope: 'openid instances:write' }, true],
  ['the scope in a list of the claim scp', { scp: ['openid', 'instances:write'] }, true],
])('with AUTH_WRITE_SCOPE, a token with %s', async (_, claims, mayWrite) => {
  const issuer = await startIssuer();
  const env = { MUTATIONS: 'on', AUTH_WRITE_SCOPE: 'instances:write' };
  const server = await startWithIssuer(issuer, { env });
  const token = await issuer.mint({ claims });
  const headers = { authorization: `Bearer ${token}` };
  const { errors } = await server.query(disconnect, {}, headers);
  if (mayWrite) expect(errors).toBeUndefined();
  else {
    expect(errors).toMatchObject([
      {
        message: expect.stringMatching(/^The token lacks the scope .* AUTH_WRITE_SCOPE;/),
        extensions: { code: 'FORBIDDEN' },
      },
    ]);
  }
  expect((await server.query('{ instances { totalCount } }', {}, headers)).errors).toBeUndefined();
});

test('with MUTATIONS=off, no scope of a token is asked for', async () => {
  const issuer = await startIssuer();
  const env = { MUTATIONS: 'off', AUTH_WRITE_SCOPE: 'instances:write' };
  const server = await startWithIssuer(issuer, { env });
  const headers = { authorization: `Bearer ${await issuer.mint({})}` };
  const { errors } = await server.query(disconnect, {}, headers);
  expect(errors?.map(({ message }) => message)).toEqual([expect.stringContaining('MUTATIONS')]);
});

test('a caller who may not write is no warning in the log', async () => {
  const server = await start({ env: { MUTATIONS: 'off' } });
  await server.query(disconnect);
  const levels = server.log.map((line) => JSON.parse(line)).filter(({ kind }) => kind);
  expect(levels).toMatchObject([{ kind: 'mutations-off', level: 'debug' }]);
});

test('a mutation by GET is refused without a call', async () => {
  const server = await start();
  const response = await fetch(`${server.url}?query=${encodeURIComponent(disconnect)}`, {
    headers: { authorization: 'Bearer test' },
  });
  expect(response.status).toBe(405);
  expect(server.calls()).toEqual([]);
});

test('a QR code is in no log line, metric or cached answer', async () => {
  const server = await start({ env: { LOG_LEVEL: 'trace' } });
  const connect = 'mutation { connectInstance(id: "inst_ghi789") { qrCode { image } } }';
  const { data, headers } = await server.query(connect, {}, { 'accept-encoding': 'gzip, br' });
  const image: string = data.connectInstance.qrCode.image;
  expect(image.length).toBeGreaterThan(50);
  expect(headers.get('cache-control')).toBe('no-store, no-transform');
  expect(headers.get('content-encoding')).toBeNull();
  const metrics = await (await fetch(new URL('/metrics', server.url))).text();
  for (const text of [...server.log, metrics]) expect(text).not.toContain(image.slice(22, 60));
});
