import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

/** How the vendor responds to a call. */
export const modes = ['ok', '429', '503', '401', 'hang', 'huge', 'bomb'] as const;
export type Mode = (typeof modes)[number];

const rowsOfEachKey = 20;

/** The instances of keys with this prefix change, come and leave, one every half second. */
const changingPrefix = 'watched';
const changeMs = 500;
const megabyte = 1024 * 1024;

const bomb = gzipSync(Buffer.alloc(200 * megabyte));

/**
 * A vendor whose rows contain the name of their key. It can be set to fail for all keys or for
 * some.
 */
export function createVendor() {
  const byPrefix = new Map<string, Mode>();
  let calls = 0;
  let frozenAt: number | null = null;
  const rowsNow = (key: string) => rowsOf(key, frozenAt ?? Date.now());
  const modeOf = (key: string): Mode =>
    byPrefix.get(key.split('-')[0] ?? '') ?? byPrefix.get('') ?? 'ok';

  const server = createServer((request, response) => {
    response.on('error', () => {});
    const key = (request.headers.authorization ?? '').replace('Bearer ', '');
    if (!isChanging(key)) calls += 1;
    responders[modeOf(key)](request, response, rowsNow(key));
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
    /** Lets nothing change any more. */
    freeze: (): void => void (frozenAt ??= Date.now()),
    /** The rows of a key, without a call. */
    rows: (key: string) => rowsNow(key).map(({ id, status }) => [id, status] as const),
    /** Calls with keys whose instances do not change. */
    calls: (): number => calls,
  };
}

type Rows = ReturnType<typeof rowsOf>;
type Responder = (request: IncomingMessage, response: ServerResponse, rows: Rows) => void;

const refuse =
  (status: number, error: object): Responder =>
  (_, response) => {
    response.writeHead(status).end(JSON.stringify({ success: false, error }));
  };

const responders: Readonly<Record<Mode, Responder>> = {
  ok: (request, response, rows) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://vendor');
    const [, id] = /\/instances\/(.+)$/.exec(pathname) ?? [];
    if (id === undefined) {
      const offset = Number(searchParams.get('offset'));
      const data = rows.slice(offset, offset + 100);
      const pagination = { total: rows.length, limit: 100, offset, hasMore: false };
      return sendJson(response, { success: true, data, pagination });
    }
    const data = rows.find((row) => row.id === id);
    if (data) sendJson(response, { success: true, data });
    else refuse(404, { code: 'instance_not_found' })(request, response, rows);
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

function rowsOf(key: string, at: number) {
  const turn = isChanging(key) ? Math.floor(at / changeMs) : 0;
  const rows = Array.from({ length: rowsOfEachKey }, (_, index) =>
    rowOf(key, String(index), isOdd(isChanging(key) ? (turn + index) / rowsOfEachKey : index + 1)),
  );
  // An instance that is there for two seconds, and two seconds later another one.
  return isOdd(turn / 4) ? [...rows, rowOf(key, `t${Math.floor(turn / 8)}`, true)] : rows;
}

const isChanging = (key: string): boolean => key.split('-')[0] === changingPrefix;
const isOdd = (value: number): boolean => Math.floor(value) % 2 === 1;

const rowOf = (key: string, name: string, isConnected: boolean) => ({
  id: `inst_${key}_${name}`,
  name: `${key} line ${name}`,
  phone: '5511999999999',
  status: isConnected ? 'connected' : 'disconnected',
  createdAt: '2026-01-01T10:00:00.000Z',
  lastSeenAt: '2026-02-03T12:00:00.000Z',
  settings: { autoRead: false, autoTyping: true },
});
