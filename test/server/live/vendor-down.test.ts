import { expect, onTestFinished, test } from 'vitest';
import { type Sandbox, startSandbox } from '#src/sandbox/sandbox.ts';
import { startIssuer } from '#test/support/callers/issuer.ts';
import { createTestClock } from '#test/support/clock.ts';
import { eventStream, multipart } from '#test/support/live/stream-client.ts';
import { openList, startWatched, type WatchedServer } from '#test/support/live/watched-server.ts';

const key = 'test';
const id = 'inst_abc123';
const one = 'subscription ($id: ID!) { instance(id: $id) { id status } }';
const staleOf = (events: readonly { stale: boolean }[]) => events.map(({ stale }) => stale);

interface Fault {
  begin(server: WatchedServer): Promise<void> | void;
  /** Ends it. Resolves to the EnviaAI that answers from now on. */
  end(server: WatchedServer): Promise<Sandbox>;
}

const answers = (fault: object): Fault => ({
  begin: ({ control }) => void control.fail({ key, times: 10_000, ...fault }),
  async end({ sandbox }) {
    sandbox.control.fail({ key, times: 0 });
    return sandbox;
  },
});
const refusesConnections: Fault = {
  begin: ({ sandbox }) => sandbox.close(),
  async end({ sandbox, clock }) {
    const port = Number(new URL(sandbox.url).port);
    const again = await startSandbox({ port, ratePerMinute: 1000, now: clock.now });
    onTestFinished(() => again.close());
    return again;
  },
};

/** A list, some ids of it and one instance. */
async function openAll(server: WatchedServer) {
  const list = await openList(server);
  const ids = await openList(server, undefined, { variables: { ids: [id] } });
  const single = await server.open(one, { variables: { id } });
  await server.settle();
  return { list, ids, single };
}

test.each<[string, Fault]>([
  ['answers 500', answers({ status: 500 })],
  ['refuses connections', refusesConnections],
  ['breaks connections', answers({ mode: 'reset' })],
  ['is behind a login page', answers({ mode: 'html', status: 200 })],
  ['answers 429', answers({ status: 429, code: 'rate_limit_exceeded', retryAfter: 5 })],
])('while EnviaAI %s, streams say that they are stale, and go on after it', async (_, fault) => {
  const server = await startWatched();
  const { list, ids, single } = await openAll(server);
  await fault.begin(server);
  // An event that they are stale, and two heartbeats.
  await server.pass(75_000, 500);
  for (const { events } of [list, ids]) {
    expect(staleOf(events())).toEqual([false, true, true, true]);
    for (const event of events().slice(1)) {
      expect(event).toMatchObject({ complete: false, changed: [], gone: [] });
    }
  }
  expect(single.results()).toHaveLength(3);

  const { control } = await fault.end(server);
  await server.pass(15_000, 500);
  for (const { events } of [list, ids]) expect(staleOf(events().slice(4))).toEqual([false]);
  control.status({ key, id, status: 'disconnected' });
  await server.pass(4000, 500);
  for (const { events } of [list, ids]) {
    expect(events().at(-1)).toMatchObject({ changed: [{ id, status: 'DISCONNECTED' }] });
  }
  expect(single.results().at(-1)).toEqual({ data: { instance: { id, status: 'DISCONNECTED' } } });
  expect([list, ids, single].some(({ isEnded }) => isEnded())).toBe(false);
});

test('calls that EnviaAI does not answer make a stream stale, and do not end it', async () => {
  const server = await startWatched({ env: { ENVIAAI_TIMEOUT_MS: '200' } });
  const { events, isEnded } = await openList(server);
  server.control.fail({ key, times: 10_000, mode: 'hang' });
  await server.pass(9000, 3000);
  expect(staleOf(events())).toEqual([false, true]);
  server.control.fail({ key, times: 0 });
  await server.pass(9000, 3000);
  expect(staleOf(events())).toEqual([false, true, false]);
  expect(isEnded()).toBe(false);
});

test.each<[string, Fault]>([
  ['answers 503', answers({ status: 503 })],
  ['refuses connections', refusesConnections],
])('while EnviaAI %s, a stream without cached rows ends with its error', async (_, fault) => {
  const server = await startWatched();
  await fault.begin(server);
  const { list, ids, single } = await openAll(server);
  for (const { ended, results } of [list, ids, single]) {
    await ended;
    expect(results()).toMatchObject([
      { errors: [{ extensions: { code: 'UPSTREAM_UNAVAILABLE' } }] },
    ]);
  }
});

test('without budget, instances by id are stale, and one instance is sent as it was', async () => {
  const server = await startWatched({ ratePerMinute: 50 });
  const { ids, single } = await openAll(server);
  server.control.spend({ key, remaining: 0 });
  await server.pass(45_000);
  expect(staleOf(ids.events())).toEqual([false, true, true]);
  await server.pass(20_000);
  expect(staleOf(ids.events())).toEqual([false, true, true, false]);
  const [first] = single.results();
  expect(single.results()).toEqual([first, first, first]);
  expect([ids, single].some(({ isEnded }) => isEnded())).toBe(false);
});

const refusedEnds: Record<string, RegExp> = {
  [eventStream]: /event: next\ndata: \{"errors":.*\n\nevent: complete\ndata:\n\n$/,
  [multipart]: /\{"payload":null,"errors":.*\r\n--graphql--\r\n$/,
};

test.each([eventStream, multipart])(
  'a key that anybody finds refused ends its lists at the next poll: %s',
  async (accept) => {
    const server = await startWatched();
    const { isEnded, text, events } = await openList(server, undefined, { accept });
    server.control.fail({ key, times: 1, status: 401, code: 'expired_api_key' });
    const answer = await server.query(
      '{ instances { totalCount } }',
      {},
      { 'cache-control': 'no-cache' },
    );
    expect(answer.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    await server.pass(3000);
    expect(isEnded()).toBe(true);
    expect(text()).toMatch(refusedEnds[accept] ?? /never/);
    expect(events().at(-1)).toMatchObject([
      { extensions: { code: 'UNAUTHENTICATED', upstreamCode: 'expired_api_key' } },
    ]);
    expect(server.calls()).toHaveLength(2);
  },
);

test('when EnviaAI refuses the key of the server, its lists end with UPSTREAM_ERROR', async () => {
  const server = await startWatched({ env: { AUTH: 'none', ENVIAAI_API_KEY: key } });
  const { list, ids, single } = await openAll(server);
  server.control.fail({ key, times: 10, status: 401, code: 'invalid_api_key' });
  await server.pass(6000);
  for (const { results, isEnded } of [list, ids, single]) {
    expect(isEnded()).toBe(true);
    expect(results().at(-1)?.errors).toMatchObject([{ extensions: { code: 'UPSTREAM_ERROR' } }]);
  }
});

test.each([eventStream, multipart])(
  'a list ends when the token of its caller expires, and those of others go on: %s',
  async (accept) => {
    const clock = createTestClock();
    const issuer = await startIssuer(clock.now);
    const server = await startWatched({ clock, env: issuer.env });
    const open = async (seconds: number) => {
      const authorization = `Bearer ${await issuer.mint({ claims: { exp: clock.now() / 1000 + seconds } })}`;
      return openList(server, undefined, { accept, headers: { authorization } });
    };
    const [short, long] = [await open(60), await open(600)];
    await server.pass(59_500, 500);
    expect(short.isEnded()).toBe(false);
    await server.pass(500, 500);
    await short.ended;
    expect(short.text()).toMatch(refusedEnds[accept] ?? /never/);
    expect(short.events().at(-1)).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    await server.pass(35_000, 500);
    expect(long.isEnded()).toBe(false);
    expect(long.events().length).toBeGreaterThan(short.events().length - 1);
  },
);
