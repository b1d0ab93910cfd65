import { expect, test } from 'vitest';
import { mergedList } from '#test/support/live/merged-list.ts';
import {
  line,
  openList,
  startWatched,
  type WatchedServer,
} from '#test/support/live/watched-server.ts';

const polls = [
  '{ instances(first: 50) { nodes { id status } } }',
  '{ instances(status: CONNECTED) { totalCount } }',
  '{ instance(id: "inst_abc123") { name status } }',
  '{ nodes(ids: ["inst_def456", "inst_ghi789"]) { id } }',
];

test('screens that poll every two seconds, and screens with a QR code, stay within 50 requests a minute', async () => {
  const server = await startWatched({ ratePerMinute: 50 });
  await server.connect();
  const screens = await Promise.all([1, 2, 3, 4, 5].map(() => server.openScreen()));
  await server.settle();
  const errors: unknown[] = [];
  for (let step = 0; step < 60; step += 1) {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) => server.query(polls[at % polls.length] ?? '')),
    );
    errors.push(...answers.flatMap((answer) => answer.errors ?? []));
    await server.pass(2000);
  }
  server.control.scan({ key: 'test', id: line });
  await server.pass(3500);
  expect(errors).toEqual([]);
  for (const screen of screens) expect(await screen.ended).toContain('"outcome":"LINKED"');
  const { calls } = server.control.calls({ key: 'test' });
  expect(calls.filter(({ status }) => status === 429)).toEqual([]);
  // Two minutes, and the windows that they touch.
  expect(calls.length).toBeLessThanOrEqual(3 * 50);
});

const rows = `query ($after: String) {
  instances(first: 100, after: $after) { nodes { id status } pageInfo { hasNextPage endCursor } }
}`;

/** The statuses of a whole list, by id. */
async function wholeList(server: WatchedServer): Promise<ReadonlyMap<string, string>> {
  const all = new Map<string, string>();
  for (let after: string | null = null; ;) {
    const { data } = await server.query(rows, { after });
    const { nodes, pageInfo } = data.instances;
    for (const { id, status } of nodes) all.set(id, status);
    if (!pageInfo.hasNextPage) return all;
    after = pageInfo.endCursor;
  }
}

test.each([
  { instances: 3, oldestMs: 2000, leastChanges: 12 },
  // A page is read every eight seconds or less often: a change that lasts ten can be missed.
  { instances: 250, oldestMs: 10_000, leastChanges: 6 },
])(
  'of $instances instances, polls and streams are right within one budget',
  async ({ instances, oldestMs, leastChanges }) => {
    const server = await startWatched({ instances, ratePerMinute: 50 });
    const whole = await openList(server);
    const connected = await openList(server, undefined, { variables: { status: 'CONNECTED' } });
    const byId = await openList(server, undefined, { variables: { ids: ['inst_abc123'] } });
    const ages: number[] = [];
    const errors: unknown[] = [];
    const callsOfMinutes: number[] = [];
    for (let second = 0; second < 120; second += 2) {
      const status = second % 20 === 0 ? 'disconnected' : 'connected';
      if (second % 10 === 0) server.control.status({ key: 'test', id: 'inst_abc123', status });
      const answers = await Promise.all([...polls, ...polls].map((query) => server.query(query)));
      for (const { errors: failed = [], extensions } of answers) {
        errors.push(...failed);
        ages.push(server.clock.now() - Date.parse(extensions?.enviaai?.asOf ?? ''));
      }
      await server.pass(2000);
      if (second % 60 === 58) callsOfMinutes.push(server.calls().length);
    }
    expect(errors).toEqual([]);
    expect(Math.max(...ages)).toBeLessThanOrEqual(oldestMs);
    const [first = 0, second = 0] = callsOfMinutes;
    expect(Math.max(first, second - first)).toBeLessThanOrEqual(50);
    const { calls } = server.control.calls({ key: 'test' });
    expect(calls.filter(({ status }) => status === 429)).toEqual([]);

    await server.pass(30_000);
    const list = await wholeList(server);
    const those = (isIn: (id: string, status: string) => boolean) =>
      new Map([...list].filter(([id, status]) => isIn(id, status)));
    expect(mergedList(whole.events())).toEqual(list);
    expect(mergedList(connected.events())).toEqual(those((_, status) => status === 'CONNECTED'));
    expect(mergedList(byId.events())).toEqual(those((id) => id === 'inst_abc123'));
    for (const { events } of [whole, connected, byId]) {
      const changes = events().filter(({ changed, gone }) => changed.length + gone.length > 0);
      expect(changes.length).toBeGreaterThanOrEqual(1 + leastChanges);
    }
  },
);
