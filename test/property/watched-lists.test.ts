import { createClient, type WatchedList } from 'enviaai-graphql/client';
import * as fc from 'fast-check';
import { Agent, fetch as fetchWith } from 'undici';
import { expect, test } from 'vitest';
import type { VendorRow, VendorStatus } from '#src/sandbox/account/vendor-row.ts';
import { startSandbox, type Sandbox } from '#src/sandbox/sandbox.ts';
import { createTestClock, type TestClock } from '#test/support/clock.ts';
import { startRestartable } from '#test/support/live/restartable-server.ts';
import { watchUpstreamTraffic } from '#test/support/live/upstream-traffic.ts';
import { runs } from '#test/support/random/random-runs.ts';
import { rowSteps } from '#test/support/random/row-steps.ts';

const key = 'test';
const row = fc.nat({ max: 400 });
/** Until the next step: less than a second, a poll, or a scan of some pages. */
const wait = fc.oneof(fc.nat({ max: 900 }), fc.nat({ max: 4000 }), fc.nat({ max: 15_000 }));
const kinds = [
  'create',
  'update',
  'disconnect',
  'read',
  'cut',
  'refuse',
  'accept',
  'stop',
  'start',
  'fail',
  'spend',
  'read-slowly',
  'read-on',
] as const;

const steps = fc.oneof(
  ...rowSteps(row, wait),
  fc.record({ do: fc.constantFrom(...kinds), row, wait }),
);
type Step = typeof steps extends fc.Arbitrary<infer T> ? T : never;

const plans = fc.record({
  rows: fc.oneof(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 100, max: 330 })),
  status: fc.constantFrom('all' as const, 'connected' as const),
  /** How much later EnviaAI's list shows changes. */
  lagMs: fc.constantFrom(0, 6000),
  steps: fc.array(steps, { minLength: 1, maxLength: 25 }),
  seed: fc.nat({ max: 1_000_000 }),
});

/** A network between the client and the server, with the waits of the client. */
function createNetwork(clock: TestClock) {
  const streams = new Set<AbortController>();
  const agent = new Agent();
  let isRefusing = false;
  const send: typeof fetch = (input, init) => {
    if (isRefusing) return Promise.reject(new TypeError('fetch failed'));
    const cut = new AbortController();
    const isStream = new Headers(init?.headers).get('accept') === 'text/event-stream';
    if (isStream) streams.add(cut);
    const signals = init?.signal ? [init.signal, cut.signal] : [cut.signal];
    const request = { ...init, signal: AbortSignal.any(signals), dispatcher: agent };
    // The declarations of undici and of the platform differ.
    return (fetchWith as unknown as typeof fetch)(input, request);
  };
  return {
    fetch: send,
    refuse: (on: boolean) => void (isRefusing = on),
    cut(): void {
      for (const stream of streams) stream.abort(new TypeError('terminated'));
      streams.clear();
    },
    close: () => agent.destroy(),
    sleep: (ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        if (signal?.aborted) return reject(new Error('aborted'));
        const cancel = clock.setTimer(ms, resolve);
        signal?.addEventListener('abort', () => {
          cancel();
          reject(new Error('aborted'));
        });
      }),
  };
}

/** A reader of a watch, who can be slow. */
function createReader(lists: AsyncIterable<WatchedList>, hasLeft: (id: string) => boolean) {
  const wrongs: string[] = [];
  let isSlow = false;
  let wake = () => {};
  let last: WatchedList | undefined;
  let live: readonly string[] = [];
  let failure: unknown;

  function take(list: WatchedList): void {
    last = list;
    if (!list.isLive) return;
    const ids = new Set(list.instances.map(({ id }) => id));
    wrongs.push(...live.filter((id) => !ids.has(id) && !hasLeft(id)));
    live = [...ids];
    if (list.totalCount !== ids.size) wrongs.push(`${list.totalCount} of ${ids.size}`);
  }
  async function read(): Promise<void> {
    for await (const list of lists) {
      take(list);
      if (isSlow) await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  read().catch((error: unknown) => (failure = error));
  return {
    wrongs,
    last: () => last,
    failure: () => failure,
    slow(on: boolean): void {
      isSlow = on;
      if (!on) wake();
    },
  };
}

const shown = (rows: readonly { readonly id: string; name: string; status: string }[]) =>
  new Map(rows.map(({ id, name, status }) => [id, `${name} ${status}`]));

/** The list that EnviaAI has. */
async function listOf({ url }: Sandbox, status: string) {
  const rows: { id: string; name: string; status: string }[] = [];
  for (let hasMore = true; hasMore;) {
    const page = `${url}/instances?status=${status}&limit=100&offset=${rows.length}`;
    const response = await fetch(page, { headers: { authorization: `Bearer ${key}` } });
    const { data, pagination } = await response.json();
    rows.push(...data);
    ({ hasMore } = pagination);
  }
  return shown(rows);
}

/** An account that changes, and which of its instances may be gone. */
function createAccount({ control }: Sandbox) {
  const ids: string[] = [];
  const statusOf = new Map<string, VendorStatus>();
  const left = new Set<string>();
  const moved = new Set<string>();
  const at = (index: number) => (ids.length === 0 ? 0 : index % ids.length);

  function add(index: number, count: number, instance: VendorRow = {}): void {
    const { added } = control.add({ key, at: index, count, instance });
    for (const { id, status } of added) {
      ids.splice(index, 0, String(id));
      statusOf.set(String(id), status as VendorStatus);
    }
  }
  function remove(index: number, count: number): void {
    control.remove({ key, ids: ids.splice(index, count) });
  }
  return {
    idAt: (index: number): string | undefined => ids[at(index)],
    /** Whether it has ever left a list. */
    hasLeft: (id: string) => left.has(id),
    /** It may leave a list, as far as is known here. */
    mayLeave: (id: string) => void left.add(id),
    add: (index: number, count = 1) => add(at(index), count),
    remove(index: number, count: number): void {
      const removed = ids.slice(at(index), at(index) + count);
      for (const id of removed) left.add(id);
      remove(at(index), count);
    },
    setStatus(index: number, status: VendorStatus): void {
      const id = ids[at(index)];
      if (id === undefined) return;
      control.status({ key, id, status });
      statusOf.set(id, status);
      if (status !== 'connected') left.add(id);
    },
    /** Once: a row that moves to and fro between two scans can be missed by both. */
    move(index: number, to: number): void {
      const id = ids[at(index)];
      const status = statusOf.get(id ?? '');
      if (id === undefined || status === undefined || moved.has(id)) return;
      moved.add(id);
      const row = control.status({ key, id, status }).instance;
      remove(at(index), 1);
      add(at(to), 1, row);
    },
  };
}

const numRuns = runs(12);
const timeout = 60_000 + numRuns * 2000;

test(
  'what watch() holds is the list in the end, and no instance was gone that was there',
  { timeout },
  async () => {
    await fc.assert(
      fc.asyncProperty(plans, async ({ rows, status, lagMs, steps: plan, seed }) => {
        let turn = seed;
        const random = () => (turn = (turn * 16_807 + 11) % 2_147_483_647) / 2_147_483_647;
        const clock = createTestClock();
        const { now, setTimer } = clock;
        const sandbox = await startSandbox({ instances: 0, ratePerMinute: 50, now, setTimer });
        const { control } = sandbox;
        const account = createAccount(sandbox);
        if (rows > 0) account.add(0, rows);
        control.lag({ key, ms: lagMs });
        const server = await startRestartable({ sandbox, clock, random });
        const network = createNetwork(clock);
        const traffic = watchUpstreamTraffic(sandbox.url, server.url);
        const pass = (ms: number) => traffic.pass(clock, ms, 500);
        const { instances } = createClient({ url: server.url, token: key, random, ...network });
        const abort = new AbortController();
        const lists = instances.watch({ status, signal: abort.signal });
        const reader = createReader(lists, account.hasLeft);

        const acts: { [Do in Step['do']]: (step: Step & { do: Do }) => unknown } = {
          status: (step) => account.setStatus(step.row, step.status),
          add: (step) => account.add(step.row),
          remove: (step) => account.remove(step.row, step.count),
          move: (step) => account.move(step.row, step.to),
          create: () => void instances.create({ name: 'Created' }).catch(() => {}),
          disconnect(step) {
            const id = account.idAt(step.row);
            if (id) account.mayLeave(id);
            if (id) instances.disconnect(id).catch(() => {});
          },
          update(step) {
            const id = account.idAt(step.row);
            if (id) instances.update(id, { name: `Name ${turn}` }).catch(() => {});
          },
          read: () => void instances.list({ fresh: true }).catch(() => {}),
          cut: () => network.cut(),
          refuse: () => network.refuse(true),
          accept: () => network.refuse(false),
          // A server that starts does not know of writes that the list does not show yet.
          stop: () => lagMs === 0 && server.stop(),
          start: server.start,
          fail: (step) => control.fail({ key, times: 1 + (step.row % 10), status: 503 }),
          spend: () => control.spend({ key, remaining: 0 }),
          'read-slowly': () => reader.slow(true),
          'read-on': () => reader.slow(false),
        };
        const act = <Do extends Step['do']>(step: Step & { do: Do }) => acts[step.do](step);
        // The first list: without one, a network that is down is the failure of the watch.
        await expect.poll(reader.last).toBeDefined();
        for (const step of plan) {
          await pass(step.wait);
          await act(step);
        }
        control.fail({ key, times: 0 });
        network.refuse(false);
        reader.slow(false);
        await server.start();
        await pass(180_000);

        expect(reader.failure()).toBeUndefined();
        expect(reader.wrongs).toEqual([]);
        expect(reader.last()).toMatchObject({ isLive: true, stale: false });
        expect(shown(reader.last()?.instances ?? [])).toEqual(await listOf(sandbox, status));
        abort.abort();
        await traffic.settle();
        await server.stop();
        await network.close();
        await sandbox.close();
      }),
      { numRuns },
    );
  },
);
