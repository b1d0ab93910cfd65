import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { SetTimer } from '#src/domain/clock.ts';

/** For TCP, the proxy and TLS together. */
const connectTimeoutMs = 1500;

export interface Address {
  readonly host: string;
  readonly port: number;
  /** The URL is https: the probe includes the TLS handshake, which verifies the certificate. */
  readonly tls: boolean;
}

export interface ProbeOptions {
  /** Null: the connection is direct. */
  readonly proxy: URL | null;
  readonly setTimer: SetTimer;
}

/**
 * Opens a connection and closes it. Rejects if it cannot be opened. Through a proxy it opens the
 * same tunnel as a call; for http, where calls have no tunnel, it connects to the proxy only.
 */
export async function probe(address: Address, { proxy, setTimer }: ProbeOptions): Promise<void> {
  if (proxy && !address.tls) return probe(addressOf(proxy), { proxy: null, setTimer });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const opened: { destroy: () => void }[] = [];
  const watch = <S extends Socket>(socket: S): S => {
    opened.push(socket.on('error', reject));
    return socket;
  };
  const cancel = setTimer(connectTimeoutMs, () => {
    reject(Object.assign(new Error('No connection in time'), { code: 'ETIMEDOUT' }));
  });
  if (proxy) {
    const tunnel = requestTunnel(proxy, address);
    opened.push(tunnel.on('error', reject));
    tunnel.once('connect', ({ statusCode }, socket) => {
      if (statusCode === 200) watch(connectTls({ socket, ...nameOf(address) }, resolve));
      else reject(Object.assign(new Error('No tunnel'), { code: 'ERR_PROXY_REFUSED' }));
      watch(socket);
    });
    // A proxy that does not know CONNECT answers as to any other request.
    tunnel.once('response', () => {
      reject(Object.assign(new Error('No tunnel'), { code: 'ERR_PROXY_REFUSED' }));
    });
  } else {
    const { host, port, tls } = address;
    const target = { host, port, ...nameOf(address) };
    watch(tls ? connectTls(target, resolve) : connectTcp(target, resolve));
  }
  return promise.finally(() => {
    cancel();
    for (const each of opened) each.destroy();
  });
}

function requestTunnel(proxy: URL, { host, port }: Address) {
  const { username, password } = proxy;
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;
  const proxyAddress = addressOf(proxy);
  const path = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  return (proxyAddress.tls ? httpsRequest : httpRequest)({
    host: proxyAddress.host,
    port: proxyAddress.port,
    agent: false,
    method: 'CONNECT',
    path,
    headers: { host: path, ...(username && { 'proxy-authorization': authorization }) },
  }).end();
}

/** Server Name Indication takes a name, never an address. */
const nameOf = ({ host }: Address) => ({ servername: isIP(host) === 0 ? host : '' });

export function addressOf({ protocol, hostname, port }: URL): Address {
  const tls = protocol === 'https:';
  return {
    // A URL has brackets around an IPv6 address, `connect` takes it without them.
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? (tls ? 443 : 80) : Number(port),
    tls,
  };
}
