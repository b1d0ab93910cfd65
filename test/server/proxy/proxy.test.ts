import { once } from 'node:events';
import { type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startSandbox } from '#src/sandbox/sandbox.ts';
import { startIssuer, startWithIssuer } from '#test/support/callers/issuer.ts';
import { startProcess } from '#test/support/process/start-process.ts';
import { type ProxyOptions, startProxy } from '#test/support/proxy/proxy.ts';
import { type Started, start } from '#test/support/start.ts';
import { createCertificates, hasOpenssl } from '#test/support/tls/certificates.ts';

const query = '{ instances { totalCount } }';
const credentials = 'Basic dXNlcjpwJHNz';
const urlOf = ({ port }: { readonly port: number }) => `http://user:p%24ss@127.0.0.1:${port}`;

/** A name that nothing resolves: only a proxy can reach it. The certificate is for it. */
const host = 'other.example';

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

/** Passes requests on to a sandbox of three instances. */
async function startUpstreamSandbox() {
  const sandbox = await startSandbox({ instances: 3, ratePerMinute: 1000 });
  onTestFinished(() => sandbox.close());
  const forward: Handle = (request, response) => {
    const { method, url, headers } = request;
    const { hostname, port } = new URL(sandbox.url);
    const sent = httpRequest({ host: hostname, port, method, path: url, headers }, (received) => {
      response.writeHead(received.statusCode ?? 502, received.headers);
      received.pipe(response);
    });
    sent.on('error', () => response.destroy());
    request.pipe(sent);
  };
  return { forward, port: Number(new URL(sandbox.url).port) };
}

async function readyOf({ url }: Started) {
  const body = await (await fetch(new URL('/readyz', url))).json();
  return (body as { upstream: string }).upstream;
}

const reasonsIn = (log: readonly string[]) =>
  log
    .map((line) => JSON.parse(line) as { msg: string; reason?: string })
    .flatMap(({ msg, reason }) => (msg === 'A connection to EnviaAI failed' ? [reason] : []));

function expectNoCredentials(log: readonly string[]) {
  expect(log.join('')).not.toMatch(/p%24ss|p\$ss|dXNlcjpwJHNz/);
}

describe.skipIf(!hasOpenssl)('over https', () => {
  let certificate: ReturnType<typeof createCertificates>['ofAnotherHost'];
  const authorities = getCACertificates('default');
  beforeAll(() => {
    const { authority, ofAnotherHost } = createCertificates();
    certificate = ofAnotherHost;
    setDefaultCACertificates([...authorities, authority]);
  });
  afterAll(() => setDefaultCACertificates(authorities));

  async function startHttps(handle: Handle): Promise<number> {
    const server = createHttpsServer(certificate, handle);
    const sockets = new Set<Socket>();
    server.on('connection', (socket: Socket) => sockets.add(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.close();
      for (const socket of sockets) socket.destroy();
    });
    return (server.address() as AddressInfo).port;
  }

  async function startThrough(handle: Handle, options: Omit<ProxyOptions, 'target'> = {}) {
    const proxy = await startProxy({ target: await startHttps(handle), ...options });
    const server = await start({
      upstream: `https://${host}/v1`,
      env: { HTTPS_PROXY: urlOf(proxy), FRESH_MS: '0', ENVIAAI_TIMEOUT_MS: '500' },
    });
    return { proxy, server };
  }

  test('calls and probes use a tunnel, which is kept for later calls', async () => {
    const { forward } = await startUpstreamSandbox();
    const { proxy, server } = await startThrough(forward);
    expect(proxy.requests).toEqual([`CONNECT ${host}:443`]);
    expect(await readyOf(server)).toBe('reachable');

    for (const _ of [1, 2, 3]) {
      const { data } = await server.query(query);
      expect(data).toEqual({ instances: { totalCount: 3 } });
    }
    expect(proxy.requests).toEqual([`CONNECT ${host}:443`, `CONNECT ${host}:443`]);
    expect(proxy.authorization()).toBe(credentials);
    expectNoCredentials(server.log);
  });

  test('a stale connection in a tunnel costs no call: a new tunnel is opened', async () => {
    const { forward } = await startUpstreamSandbox();
    const used = new WeakSet<Socket>();
    const { proxy, server } = await startThrough((request, response) => {
      if (used.has(request.socket)) {
        request.socket.destroy();
        return;
      }
      used.add(request.socket);
      forward(request, response);
    });
    for (const _ of [1, 2]) {
      const { data, extensions } = await server.query(query);
      expect(data).toEqual({ instances: { totalCount: 3 } });
      expect(extensions?.enviaai?.calls).toBe(1);
    }
    // The probe, the first call, and the second call on its new connection.
    expect(proxy.requests).toHaveLength(3);
    expect(reasonsIn(server.log)).toEqual([]);
  });

  test.each([403, 407, 502])(
    'a proxy that refuses the tunnel with %s is a reason',
    async (refuse) => {
      const { server } = await startThrough(() => {}, { refuse });
      expect(await readyOf(server)).toBe('unreachable');
      const { errors } = await server.query(query);
      expect(errors?.[0]?.extensions['code']).toBe('UPSTREAM_UNAVAILABLE');
      expect(reasonsIn(server.log)).toEqual(['proxy-refused']);
      expectNoCredentials(server.log);
    },
  );

  const create = 'mutation { createInstance(input: { name: "A" }) { instance { name } } }';

  test('a write uses a tunnel of its own', async () => {
    const { forward } = await startUpstreamSandbox();
    const { proxy, server } = await startThrough(forward);
    const { data } = await server.query(create);
    expect(data).toEqual({ createInstance: { instance: { name: 'A' } } });
    expect(proxy.requests).toEqual([`CONNECT ${host}:443`, `CONNECT ${host}:443`]);
  });

  test('the outcome of a write is known if the proxy refuses the tunnel: nothing was sent', async () => {
    const { server } = await startThrough(() => {}, { refuse: 403 });
    const { errors } = await server.query(create);
    expect(errors?.[0]?.extensions['code']).toBe('UPSTREAM_UNAVAILABLE');
  });

  test('the outcome of a write is unknown if the tunnel breaks after it was sent', async () => {
    const { server } = await startThrough((request) => {
      request.socket.destroy();
    });
    const { errors } = await server.query(create);
    expect(errors?.[0]?.extensions['code']).toBe('OUTCOME_UNKNOWN');
  });

  test('a proxy that never answers is a timeout', async () => {
    const { server } = await startThrough(() => {}, { isSilent: true });
    const { errors } = await server.query(query);
    expect(errors?.[0]?.extensions['code']).toBe('UPSTREAM_TIMEOUT');
    expectNoCredentials(server.log);
  });

  test('the keys of the issuer are fetched through a tunnel', async () => {
    const issuer = await startIssuer();
    const keys = { keys: [issuer.key.jwk] };
    const target = await startHttps((_, response) => response.end(JSON.stringify(keys)));
    const proxy = await startProxy({ target });
    const server = await startWithIssuer(issuer, {
      env: { AUTH_JWKS_URL: `https://${host}/keys`, https_proxy: urlOf(proxy) },
    });
    expect((await server.ask(await issuer.mint())).data).toEqual({ instances: { totalCount: 3 } });
    expect(proxy.requests).toEqual([`CONNECT ${host}:443`]);
    expect(proxy.authorization()).toBe(credentials);
    expectNoCredentials(server.log);
  });
});

describe('over http', () => {
  test('calls have the whole URL as target; a probe connects to the proxy', async () => {
    const { port } = await startUpstreamSandbox();
    const proxy = await startProxy({ target: port });
    const server = await start({
      upstream: `http://${host}/v1`,
      env: { HTTP_PROXY: urlOf(proxy) },
    });
    expect(await readyOf(server)).toBe('reachable');
    expect((await server.query(query)).data).toEqual({ instances: { totalCount: 3 } });
    expect(proxy.requests).toEqual([
      `GET http://${host}/v1/instances?status=all&limit=100&offset=0`,
    ]);
    expect(proxy.authorization()).toBe(credentials);
    expectNoCredentials(server.log);
  });

  test('a proxy that asks for other credentials is a reason', async () => {
    const proxy = await startProxy({ target: 1, refuse: 407 });
    const server = await start({
      upstream: `http://${host}/v1`,
      env: { HTTP_PROXY: urlOf(proxy) },
    });
    const { errors } = await server.query(query);
    expect(errors?.[0]?.extensions['code']).toBe('UPSTREAM_UNAVAILABLE');
    expect(reasonsIn(server.log)).toEqual(['proxy-refused']);
  });

  test('a proxy that cannot be reached makes EnviaAI unreachable', async () => {
    const server = await start({
      upstream: `http://${host}/v1`,
      env: { HTTP_PROXY: 'http://127.0.0.1:1' },
    });
    expect(await readyOf(server)).toBe('unreachable');
    const { errors } = await server.query(query);
    expect(errors?.[0]?.extensions['code']).toBe('UPSTREAM_UNAVAILABLE');
  });

  test('the keys of the issuer are fetched through the proxy, and a sandbox here is not', async () => {
    const issuer = await startIssuer();
    const proxy = await startProxy({ target: Number(new URL(issuer.env.AUTH_JWKS_URL).port) });
    const server = await startWithIssuer(issuer, {
      env: { AUTH_JWKS_URL: `http://${host}/keys`, HTTP_PROXY: urlOf(proxy) },
    });
    expect((await server.ask(await issuer.mint())).data).toEqual({ instances: { totalCount: 3 } });
    expect(server.calls()).toHaveLength(1);
    expect(proxy.requests).toEqual([`GET http://${host}/keys`]);
  });
});

test('the start line names the proxy, without its user name and password', async () => {
  const { line } = startProcess({
    ENVIAAI_BASE_URL: `https://${host}/v1`,
    HTTPS_PROXY: 'http://user:secret@127.0.0.1:1',
  });
  const started = await line('Serving');
  expect(started).toContain('Calls to EnviaAI go through the proxy http://127.0.0.1:1.');
  expect(started).not.toMatch(/user|secret/);
});
