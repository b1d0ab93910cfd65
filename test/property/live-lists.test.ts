import { setImmediate as nextTurn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { sleep } from '#src/domain/clock.ts';
import type { InstanceStatus } from '#src/domain/instance.ts';
import type { InstanceChanges } from '#src/domain/instance-changes.ts';
import {
  createLiveRows,
  type LiveRows,
  type RowsSubscription,
} from '#src/reading/live/rows/live-rows.ts';
import { createRowReads } from '#src/reading/live/rows/row-reads.ts';
import { runs } from '#test/support/random/random-runs.ts';
import { rowSteps } from '#test/support/random/row-steps.ts';
import { createWorld, isIn, type World } from '#test/support/reading/world.ts';

const pollMs = 3000;
const row = fc.nat({ max: 400 });
/** Until the next step: less than a second, a poll, or a scan of some pages. */
const wait = fc.oneof(fc.nat({ max: 900 }), fc.nat({ max: 4000 }), fc.nat({ max: 12_000 }));

const steps = fc.oneof(
  ...rowSteps(row, wait),
  fc.record({ do: fc.constant('read' as const), wait }),
  fc.record({ do: fc.constant('cut' as const), wait }),
  fc.record({ do: fc.constant('read-slowly' as const), isSlow: fc.boolean(), wait }),
);

type Step = typeof steps extends fc.Arbitrary<infer T> ? T : never;

const plans = fc.record({
  rows: fc.oneof(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 100, max: 330 })),
  kind: fc.constantFrom('all' as const, 'connected' as const, 'ids' as const),
  steps: fc.array(steps, { minLength: 1, maxLength: 25 }),
});

/** A client that merges what it is sent. */
function createClient(live: LiveRows, subscription: RowsSubscription) {
  const stopped = new AbortController();
  const watcher = {
    tenant: 'tenant',
    apiKey: 'key',
    caller: { kind: 'key-holder', address: '192.0.2.1' },
  } as const;
  const source = live.watch(watcher, subscription);
  const rows = new Map<string, InstanceStatus>();
  const gone: string[] = [];
  let isSlow = false;
  let hasMissed = false;
  let failure: unknown;

  function apply({ complete, changed, gone: left, totalCount }: InstanceChanges): void {
    if (complete) rows.clear();
    for (const { id, status } of changed) rows.set(id, status);
    for (const id of left) rows.delete(id);
    gone.push(...left);
    expect(rows.size).toBe(totalCount);
  }
  const emit = (event: InstanceChanges) => {
    if (isSlow) hasMissed = true;
    else apply(event);
  };
  const write = async ({ changed }: InstanceChanges) =>
    JSON.stringify(changed.map(({ id, status }) => [id, status]));
  source.watch(emit, stopped.signal, write).catch((error: unknown) => (failure = error));
  return {
    rows,
    gone,
    leave: () => stopped.abort(),
    failure: () => failure,
    setSlow(slow: boolean): void {
      isSlow = slow;
      if (slow || !hasMissed) return;
      hasMissed = false;
      const event = source.current();
      if (event) apply(event);
    },
  };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await nextTurn();
}

async function pass(world: World, ms: number): Promise<void> {
  await settle();
  for (let left = ms; left > 0; left -= 500) {
    world.clock.advance(Math.min(500, left));
    await settle();
  }
}

const at = (index: number, { list }: World): number =>
  list.length === 0 ? 0 : index % list.length;

/** Changes the account; ids that leave a list are added to `left`. */
function change(world: World, step: Step, { left, moved }: Record<'left' | 'moved', Set<string>>) {
  const { list } = world;
  if (step.do === 'add') world.insert(at(step.row, world));
  if (step.do === 'remove') {
    for (let count = 0; count < step.count; count += 1) {
      const removed = world.remove(at(step.row, world));
      if (removed) left.add(removed.id);
    }
  }
  const changed = 'row' in step ? list[at(step.row, world)] : undefined;
  if (!changed) return;
  if (step.do === 'status') {
    changed.status = step.status;
    if (step.status !== 'connected') left.add(changed.id);
  }
  // Once: a row that moves to and fro between two scans can be missed by both.
  if (step.do === 'move' && !moved.has(changed.id)) {
    moved.add(changed.id);
    list.splice(list.indexOf(changed), 1);
    list.splice(at(step.to, world), 0, changed);
  }
}

test('a client that merges changes has the list, and no row is gone that never left', async () => {
  await fc.assert(
    fc.asyncProperty(
      plans,
      fc.nat({ max: 1_000_000 }),
      async ({ rows, kind, steps: plan }, seed) => {
        let turn = seed;
        const random = () => (turn = (turn * 16_807 + 11) % 2_147_483_647) / 2_147_483_647;
        const world = createWorld({ rows, random });
        const { clock, feed } = world;
        world.latency = () => sleep(clock, Math.floor(random() ** 3 * 2500));
        const live = createLiveRows({
          feed,
          clock,
          pollMs,
          maxPages: 11,
          timeoutMs: 10_000,
          readsOf: (watcher) =>
            createRowReads(world.reading(), { ...watcher, pollMs, createRequestId: () => 'id' }),
        });
        const filter = kind === 'connected' ? kind : 'all';
        const ids = kind === 'ids' ? new Set(world.list.slice(0, 40).map(({ id }) => id)) : null;
        const subscription = { filter, ids, isWhole: false } as const;
        let client = createClient(live, subscription);
        const seen = { left: new Set<string>(), moved: new Set<string>() };
        const clients = [client];
        for (const step of plan) {
          await pass(world, step.wait);
          change(world, step, seen);
          if (step.do === 'read') void world.session({ noCache: true }).calls.page(firstPage);
          if (step.do === 'read-slowly') client.setSlow(step.isSlow);
          if (step.do !== 'cut') continue;
          client.leave();
          client = createClient(live, subscription);
          clients.push(client);
        }
        await settle();
        client.setSlow(false);
        await pass(world, 90_000);

        const listed = world.list.filter(
          (each) => isIn(each, filter) && (ids?.has(each.id) ?? true),
        );
        expect(client.failure()).toBeUndefined();
        expect(client.rows).toEqual(new Map(listed.map(({ id, status }) => [id, status])));
        const reported = new Set(clients.flatMap(({ gone }) => gone));
        expect([...reported.difference(seen.left)]).toEqual([]);
        client.leave();
      },
    ),
    { numRuns: runs(60) },
  );
});

const firstPage = {
  filter: 'all',
  offset: 0,
  since: Number.NEGATIVE_INFINITY,
  hasFallback: false,
  search: null,
} as const;
