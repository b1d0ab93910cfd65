import { createTestClock, type TestClock } from '#test/support/clock.ts';
import { start, type StartOptions } from '#test/support/start.ts';
import { openStream, type StreamOptions } from './stream-client.ts';
import { watchUpstreamTraffic } from './upstream-traffic.ts';

/** A line of the sandbox that is not linked. */
export const line = 'inst_ghi789';

export const qrCode = /* GraphQL */ `
  subscription QrCode($id: ID!) {
    instanceQrCode(id: $id) {
      status
      image
      expiresAt
      outcome
    }
  }
`;

const instances = /* GraphQL */ `
  subscription Instances($status: InstanceStatusFilter, $ids: [ID!]) {
    instances(status: $status, ids: $ids) {
      complete
      changed {
        id
        name
        status
      }
      gone
      totalCount
      asOf
      stale
    }
  }
`;

/** A server with a test clock, and what tests of subscriptions do with it. */
export async function startWatched(options: StartOptions & { readonly clock?: TestClock } = {}) {
  const { clock = createTestClock() } = options;
  const server = await start({ ...options, clock });
  const traffic = watchUpstreamTraffic(server.sandbox.url);
  const { control } = server.sandbox;

  return {
    ...server,
    clock,
    control,
    settle: traffic.settle,
    pass: (ms: number, stepMs?: number) => traffic.pass(clock, ms, stepMs),
    /** Begins to link a line, as another program would: not through this server. */
    async connect(id = line, key = 'test'): Promise<void> {
      await fetch(`${server.sandbox.url}/instances/${id}/connect`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ method: 'qrcode' }),
      });
    },
    open: (query: string, given: StreamOptions = {}) =>
      openStream(server.url, query, { now: clock.now, ...given }),
    /** A screen that shows the QR code of a line. */
    openScreen: (id = line, given: StreamOptions = {}) =>
      openStream(server.url, qrCode, { now: clock.now, variables: { id }, ...given }),
    /** The calls to the QR endpoint so far. */
    qrCalls: (key?: string) => server.calls(key).filter((call) => call.endsWith('/qrcode')),
  };
}

export type WatchedServer = Awaited<ReturnType<typeof startWatched>>;

/** A stream of `instances`, after its first event. */
export async function openList(
  server: WatchedServer,
  query = instances,
  given: StreamOptions = {},
) {
  const stream = await server.open(query, given);
  await server.settle();
  return {
    ...stream,
    /** The field's value of each result, or the errors. */
    events: () => stream.results().map(({ data, errors }) => errors ?? data.instances),
  };
}
