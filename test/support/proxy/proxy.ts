import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Proxy {
  readonly port: number;
  /** Method and target of each request, such as `CONNECT api.example:443`. */
  readonly requests: readonly string[];
  /** The `Proxy-Authorization` of the last request. */
  readonly authorization: () => string | undefined;
}

export interface ProxyOptions {
  /** The port on this machine to which every host leads. */
  readonly target: number;
  /** The status of a refusal. Default: nothing is refused. */
  readonly refuse?: number;
  /** Whether it accepts CONNECT, and never answers. */
  readonly isSilent?: boolean;
}

/** An HTTP proxy on a free port, until the test ends. */
export async function startProxy({
  target,
  refuse,
  isSilent = false,
}: ProxyOptions): Promise<Proxy> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  let authorization: string | undefined;
  const record = (method = '', url = '', header?: string) => {
    requests.push(`${method} ${url}`);
    authorization = header;
  };
  const server = createServer((request, answer) => {
    const { method, url = '', headers } = request;
    record(method, url, headers['proxy-authorization']);
    if (refuse !== undefined) {
      answer.writeHead(refuse).end();
      return;
    }
    const { pathname, search } = new URL(url);
    const path = `${pathname}${search}`;
    const options = { host: '127.0.0.1', port: target, method, path, headers };
    const forwarded = httpRequest(options, (received) => {
      answer.writeHead(received.statusCode ?? 502, received.headers);
      received.pipe(answer);
    });
    request.pipe(forwarded);
  });
  server.on('connect', ({ method, url, headers }, socket: Socket) => {
    record(method, url, headers['proxy-authorization']);
    socket.on('error', () => {});
    if (isSilent) return;
    if (refuse !== undefined) {
      socket.end(`HTTP/1.1 ${refuse} Refused\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const tunnel = connect(target, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      tunnel.pipe(socket).pipe(tunnel);
    });
    sockets.add(tunnel);
    tunnel.on('error', () => socket.destroy());
  });
  server.on('connection', (socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    authorization: () => authorization,
  };
}
