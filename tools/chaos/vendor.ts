import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

/** How the vendor responds to a call. */
export const modes = ['ok', '429', '503', '401', 'hang', 'huge', 'bomb'] as const;
export type Mode = (typeof modes)[number];

const rowsOfEachKey = 20;
const megabyte = 1024 * 1024;

const bomb = gzipSync(Buffer.alloc(200 * megabyte));

/**
 * A vendor whose rows contain the name of their key. It can be set to fail for all keys or for
 * some.
 */
export function createVendor() {
  const byPrefix = new Map<string, Mode>();
  let calls = 0;
  const modeOf = (key: string): Mode =>
    byPrefix.get(key.split('-')[0] ?? '') ?? byPrefix.get('') ?? 'ok';

  const server = createServer((request, response) => {
    calls += 1;
    response.on('error', () => {});
    const key = (request.headers.authorization ?? '').replace('Bearer ', '');
    responders[modeOf(key)](request, response, key);
  });

  return {
    async listen(port = 0): Promise<number> {
      await new Promise<void>((resolve) => void server.listen(port, '127.0.0.1', resolve));
      return (server.address() as AddressInfo).port;
    },
    /** Closes the port and all connections. */
    close(): void {
      server.close();
      server.closeAllConnections();
    },
    /** For keys with this prefix (the part before "-"); '': for all others. */
    setMode: (prefix: string, mode: Mode): void => void byPrefix.set(prefix, mode),
    calls: (): number => calls,
  };
}

type Responder = (request: IncomingMessage, response: ServerResponse, key: string) => void;

const refuse =
  (status: number, error: object): Responder =>
  (_, response) => {
    response.writeHead(status).end(JSON.stringify({ success: false, error }));
  };

const responders: Readonly<Record<Mode, Responder>> = {
  ok: (request, response, key) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://vendor');
    const [, id] = /\/instances\/(.+)$/.exec(pathname) ?? [];
    if (id === undefined) {
      const offset = Number(searchParams.get('offset'));
      const data = rowsOf(key).slice(offset, offset + 100);
      const pagination = { total: rowsOfEachKey, limit: 100, offset, hasMore: false };
      return sendJson(response, { success: true, data, pagination });
    }
    const data = rowsOf(key).find((row) => row.id === id);
    if (data) sendJson(response, { success: true, data });
    else refuse(404, { code: 'instance_not_found' })(request, response, key);
  },
  '429': refuse(429, { code: 'rate_limit_exceeded', retryAfter: 1 }),
  '503': refuse(503, {}),
  '401': refuse(401, { code: 'invalid_api_key' }),
  hang: () => {},
  huge: (_, response) => {
    const piece = Buffer.alloc(megabyte, ' ');
    let sent = 0;
    const more = () => {
      while (sent < 50 && !response.destroyed && response.write(piece)) sent += 1;
      if (sent >= 50) response.end();
    };
    response.on('drain', more);
    more();
  },
  bomb: (_, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
};

function sendJson(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

const rowsOf = (key: string) =>
  Array.from({ length: rowsOfEachKey }, (_, index) => ({
    id: `inst_${key}_${index}`,
    name: `${key} line ${index}`,
    phone: '5511999999999',
    status: index % 2 === 0 ? 'connected' : 'disconnected',
    createdAt: '2026-01-01T10:00:00.000Z',
    lastSeenAt: '2026-02-03T12:00:00.000Z',
    settings: { autoRead: false, autoTyping: true },
  }));
