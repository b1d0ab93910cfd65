import type { IncomingMessage } from 'node:http';
import { expect, onTestFinished } from 'vitest';
import type { Env } from '#src/config/config.ts';
import type { Clock } from '#src/domain/clock.ts';
import { type Answer, start, type Started } from '#test/support/start.ts';
import { startUpstream, type Upstream, type UpstreamHandler } from '#test/support/upstream.ts';

export type VendorRow = Readonly<Record<string, unknown>>;

export const rowsOf = (count: number): VendorRow[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `inst_${index}`,
    name: `Line ${index}`,
    phone: '5511999999999',
    status: 'connected',
    profileName: null,
    profilePicUrl: null,
    createdAt: '2026-01-01T10:00:00.000Z',
    lastSeenAt: '2026-02-03T12:00:00.000Z',
    webhookUrl: 'https://example.com/hook',
    settings: { autoRead: false, autoTyping: true },
  }));

/** The page that a call asks for. */
export function askedOf(request: IncomingMessage) {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://vendor');
  const count = (name: string) => Number(searchParams.get(name));
  return {
    id: /\/instances\/(.+)$/.exec(pathname)?.[1] ?? null,
    limit: count('limit'),
    offset: count('offset'),
  };
}

export const envelope = (
  data: readonly unknown[],
  pagination: Readonly<Record<string, unknown>> = {},
) => ({
  success: true,
  data,
  pagination: { total: data.length, limit: 100, offset: 0, hasMore: false, ...pagination },
});

/** The documented vendor, with these rows. */
export const vendorOf =
  (rows: readonly VendorRow[]): UpstreamHandler =>
  (request, response) => {
    const { id, limit, offset } = askedOf(request);
    const give = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const data = rows.find((row) => row['id'] === id);
    if (data) give(200, { success: true, data });
    else if (id !== null) give(404, { success: false, error: { code: 'instance_not_found' } });
    else {
      const end = offset + limit;
      const pages = { total: rows.length, limit, offset, hasMore: end < rows.length };
      give(200, envelope(rows.slice(offset, end), pages));
    }
  };

export interface Faulty extends Started {
  readonly upstream: Upstream;
  /** What the upstream does from now on; without one it is well, with three rows. */
  turn(handler?: UpstreamHandler): void;
}

export interface FaultyOptions {
  readonly env?: Env;
  readonly clock?: Clock;
}

/** The whole server before an upstream that has a fault from the start. */
export async function startBehind(
  fault: UpstreamHandler,
  { env = {}, clock }: FaultyOptions = {},
): Promise<Faulty> {
  let handler = fault;
  const upstream = await startUpstream((request, response) => handler(request, response));
  const server = await start({
    upstream: upstream.url.href,
    env: { LOG_LEVEL: 'warn', ENVIAAI_RATE_PER_MINUTE: '100000', ...env },
    ...(clock && { clock }),
  });
  // Before the server, which waits for its calls.
  onTestFinished(() => upstream.close());
  return { ...server, upstream, turn: (next = vendorOf(rowsOf(3))) => void (handler = next) };
}

export const list = '{ instances { totalCount nodes { id } } }';
export const single = '{ instance(id: "inst_1") { id } }';

const wellList = {
  instances: { totalCount: 3, nodes: [{ id: 'inst_0' }, { id: 'inst_1' }, { id: 'inst_2' }] },
};

/** That the server is alive, and as it should be where the upstream is. */
export async function expectWell(server: Faulty): Promise<void> {
  server.turn();
  const [whole, one] = [await server.query(list), await server.query(single)];
  expect(whole.errors).toBeUndefined();
  expect(whole.data).toEqual(wellList);
  expect(one.data).toEqual({ instance: { id: 'inst_1' } });
}

/**
 * That an answer holds nothing but one error, told as promised and without anything of ours or the
 * vendor's.
 */
export function expectTold({ status, data, errors, text }: Answer, told: object): void {
  expect(status).toBe(200);
  expect(Object.values(data)).toEqual([null]);
  expect(errors).toMatchObject([{ extensions: told }]);
  expect(errors?.[0]?.message.length).toBeLessThan(300);
  expect(text).not.toMatch(/127\.0\.0\.1|localhost|secret|\bat [^"]*:\d+/);
}
