import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Failure } from '#src/domain/failure.ts';
import type { InstanceStatus } from '#src/domain/instance.ts';
import { readByIds } from '#src/reading/by-id/read-by-ids.ts';
import { readWindow, type Window } from '#src/reading/list/read-window.ts';
import { overlayMs } from '#src/reading/written/row-writes.ts';
import { runs } from '#test/support/random/random-runs.ts';
import { createWorld, rowOf, type World } from '#test/support/reading/world.ts';

const statuses = ['connected', 'disconnected', 'connecting'] as const;

const lag = fc.oneof(fc.constant(0), fc.nat({ max: overlayMs - 1000 }));
/** Until the next step: less than the list lags, or more. */
const wait = fc.nat({ max: 4000 });
const row = fc.nat();
const status = fc.constantFrom(...statuses);

const steps = fc.oneof(
  fc.record({ do: fc.constant('write' as const), row, status, lag, wait }),
  fc.record({ do: fc.constant('write-with-unknown-outcome' as const), row, status, wait }),
  fc.record({
    do: fc.constant('write-during-read' as const),
    row,
    status,
    lag,
    wait,
    isUnknown: fc.boolean(),
  }),
  fc.record({ do: fc.constant('create' as const), lag, wait }),
  fc.record({
    do: fc.constant('read' as const),
    first: fc.integer({ min: 1, max: 100 }),
    ids: fc.array(fc.nat(), { maxLength: 4 }),
    wait,
  }),
);

const plans = fc.record({
  rows: fc.integer({ min: 1, max: 250 }),
  freshMs: fc.constantFrom(0, 2000),
  steps: fc.array(steps, { minLength: 2, maxLength: 30 }),
});

/** What EnviaAI was told, which its list shows after the lag. */
type Truth = Map<string, InstanceStatus>;

interface StatusWrite {
  readonly row: number;
  readonly status: InstanceStatus;
  readonly lag: number;
  readonly isUnknown?: boolean;
}

async function writeStatus(world: World, write: StatusWrite, truth: Truth): Promise<void> {
  const { row, status, lag, isUnknown = false } = write;
  const listed = world.list[row % world.list.length];
  if (!listed) return;
  const { id } = listed;
  truth.set(id, status);
  after(world, isUnknown ? 0 : lag, () => {
    // A later write may have been shown already.
    if (truth.get(id) === status) listed.status = status;
  });
  await world.applyWrite('tenant', { kind: 'status', id, fields: isUnknown ? null : { status } });
}

async function create(world: World, lag: number, truth: Truth): Promise<void> {
  const created = world.insert(world.list.length);
  world.list.pop();
  truth.set(created.id, created.status);
  after(world, lag, () => world.list.push(created));
  await world.applyWrite('tenant', { kind: 'create', row: rowOf(created) });
}

function after({ clock }: World, ms: number, callback: () => void): void {
  // A call that is being answered does not show it yet.
  if (ms === 0) queueMicrotask(callback);
  else clock.setTimer(ms, callback);
}

/** What reads that begin now show other than the truth. */
async function wrongIn(
  world: World,
  { first, ids }: { readonly first: number; readonly ids: readonly string[] },
  truth: Truth,
) {
  const known = new Map(truth);
  const window: Window = { filter: 'all', direction: 'forward', count: first, cursor: null };
  const [{ edges }, found] = await Promise.all([
    readWindow(world.session(), window),
    readByIds(world.session(), ids),
  ]);
  const isWrong = (id: string, status: InstanceStatus | undefined) =>
    known.has(id) && !isReached(known.get(id), status);
  return [
    ...edges.filter(({ row: { key, instance } }) => isWrong(key, instance?.status)),
    ...[...found].filter(([id, row]) => {
      if (row instanceof Failure) return true;
      return isWrong(id, row?.instance?.status);
    }),
  ];
}

/** A line that is being linked may show as connected: the code was scanned. */
const isReached = (written: InstanceStatus | undefined, shown: InstanceStatus | undefined) =>
  shown === written || (written === 'connecting' && shown === 'connected');

/** Writes while a call of a list is in flight, and reads at once: a read that joins the call. */
async function writeDuringRead(world: World, write: StatusWrite, truth: Truth): Promise<void> {
  const wrong: Promise<readonly unknown[]>[] = [];
  world.during = () => {
    world.during = () => {};
    world.clock.advance(5);
    void writeStatus(world, write, truth);
    wrong.push(wrongIn(world, { first: 100, ids: [] }, truth));
  };
  const window: Window = { filter: 'all', direction: 'forward', count: 50, cursor: null };
  await readWindow(world.session({ noCache: true }), window);
  world.during = () => {};
  expect((await Promise.all(wrong)).flat()).toEqual([]);
}

test('every read that begins after a write shows it, while the list of EnviaAI lags behind', async () => {
  let reads = 0;
  await fc.assert(
    fc.asyncProperty(plans, async (plan) => {
      const world = createWorld({ rows: plan.rows, freshMs: plan.freshMs });
      const truth: Truth = new Map();
      for (const step of plan.steps) {
        if (step.do === 'create') await create(world, step.lag, truth);
        if (step.do === 'write') await writeStatus(world, step, truth);
        if (step.do === 'write-with-unknown-outcome') {
          await writeStatus(world, { ...step, lag: 0, isUnknown: true }, truth);
        }
        if (step.do === 'write-during-read') await writeDuringRead(world, step, truth);
        if (step.do === 'read') {
          const known = [...truth.keys()];
          const ids = new Set(step.ids.flatMap((at) => known[at % known.length] ?? []));
          reads += 1;
          expect(await wrongIn(world, { first: step.first, ids: [...ids] }, truth)).toEqual([]);
        }
        world.clock.advance(step.wait);
      }
    }),
    { numRuns: runs(300) },
  );
  expect(reads).toBeGreaterThan(300);
});

test('a list that is read after a create shows the new row, if EnviaAI lists it at once', async () => {
  const world = createWorld({ rows: 5 });
  const window: Window = { filter: 'all', direction: 'forward', count: 100, cursor: null };
  const list = async () => (await readWindow(world.session(), window)).totalCount;
  expect(await list()).toBe(5);
  world.clock.advance(1);
  await create(world, 0, new Map());
  world.clock.advance(1);
  expect(await list()).toBe(6);
  expect(await list()).toBe(6);
  expect(world.calls).toEqual(['all 0', 'all 0']);
});

test('a list of one status is read again after a write to a row that it did not have', async () => {
  const world = createWorld({ rows: 300, random: () => 0 });
  const [row] = world.list;
  const window: Window = {
    filter: 'disconnected',
    direction: 'forward',
    count: 100,
    cursor: null,
  };
  const list = async () => (await readWindow(world.session(), window)).totalCount;
  expect(await list()).toBe(0);
  world.clock.advance(1);
  if (row) row.status = 'disconnected';
  await world.applyWrite('tenant', {
    kind: 'status',
    id: row?.id ?? '',
    fields: { status: 'disconnected' },
  });
  world.clock.advance(1);
  expect(await list()).toBe(1);
  expect(world.calls).toEqual(['disconnected 0', 'disconnected 0']);
});
