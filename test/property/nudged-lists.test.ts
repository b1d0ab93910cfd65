import { setImmediate as nextTurn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { sleep } from '#src/domain/clock.ts';
import type { InstanceStatus } from '#src/domain/instance.ts';
import type { InstanceChanges } from '#src/domain/instance-changes.ts';
import { createLiveRows } from '#src/reading/live/rows/live-rows.ts';
import { createRowReads } from '#src/reading/live/rows/row-reads.ts';
import { createNudges } from '#src/reading/written/nudges.ts';
import { runs } from '#test/support/random/random-runs.ts';
import { createWorld, isIn, type World } from '#test/support/reading/world.ts';

const tenant = 'tenant';
const pollMs = 3000;
const reportedMs = 15_000;
const statuses = ['connected', 'disconnected', 'connecting'] as const;

/** The delays of the copies of an event, in milliseconds. */
const deliveries = fc.oneof(
  fc.constant([]),
  fc.constant([0]),
  fc.array(fc.nat({ max: 1500 }), { maxLength: 4 }),
  fc.array(fc.nat({ max: 40_000 }), { maxLength: 2 }),
);
const steps = fc.record({
  row: fc.nat({ max: 400 }),
  status: fc.constantFrom(...statuses),
  deliveries,
  /** An event that reports nothing, of this row. */
  noise: fc.option(fc.nat({ max: 400 })),
  waitMs: fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 4000 }), fc.nat({ max: 20_000 })),
});
const plans = fc.record({
  rows: fc.oneof(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 100, max: 330 })),
  kind: fc.constantFrom('all' as const, 'connected' as const, 'ids' as const),
  areReporting: fc.boolean(),
  steps: fc.array(steps, { minLength: 1, maxLength: 25 }),
});

async function settle(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await nextTurn();
}

async function pass({ clock }: World, ms: number): Promise<void> {
  await settle();
  for (let left = ms; left > 0; left -= 250) {
    clock.advance(Math.min(250, left));
    await settle();
  }
}

/** Watches a list or ids, and merges what it is sent. */
function watch(world: World, kind: 'all' | 'connected' | 'ids') {
  const { clock, feed } = world;
  const live = createLiveRows({
    feed,
    clock,
    pollMs,
    maxPages: 11,
    timeoutMs: 10_000,
    readsOf: (watcher) =>
      createRowReads(world.reading(), { ...watcher, pollMs, createRequestId: () => 'id' }),
  });
  const caller = { kind: 'key-holder', address: '192.0.2.1' } as const;
  const filter = kind === 'connected' ? kind : 'all';
  const ids = kind === 'ids' ? new Set(world.list.slice(0, 40).map(({ id }) => id)) : null;
  const rows = new Map<string, InstanceStatus>();
  const gone = new Set<string>();
  let stale = 0;
  const emit = ({ complete, changed, gone: left, stale: isStale }: InstanceChanges) => {
    if (complete) rows.clear();
    for (const { id, status } of changed) rows.set(id, status);
    for (const id of left) rows.delete(id);
    for (const id of left) gone.add(id);
    if (isStale) stale += 1;
  };
  const write = async ({ changed }: InstanceChanges) =>
    JSON.stringify(changed.map(({ id, status }) => [id, status]));
  const stopped = new AbortController();
  const subscription = { filter, ids, isWhole: false } as const;
  const source = live.watch({ tenant, apiKey: 'key', caller }, subscription);
  void source.watch(emit, stopped.signal, write);
  const isListed = (row: World['list'][number]) => isIn(row, filter) && (ids?.has(row.id) ?? true);
  return {
    rows,
    gone,
    stale: () => stale,
    listed: () =>
      new Map(world.list.filter(isListed).map(({ id, status }) => [id, status] as const)),
    leave: () => stopped.abort(),
  };
}

test('however events are lost, repeated, late or out of order, a client has the list', async () => {
  await fc.assert(
    fc.asyncProperty(plans, fc.nat({ max: 1_000_000 }), async (plan, seed) => {
      let turn = seed;
      const random = () => (turn = (turn * 16_807 + 11) % 2_147_483_647) / 2_147_483_647;
      const webhookUrl = plan.areReporting ? 'https://graph.example.com/hook' : undefined;
      const world = createWorld({ rows: plan.rows, random, ...(webhookUrl && { webhookUrl }) });
      const { clock, list } = world;
      world.latency = () => sleep(clock, Math.floor(random() * 300));
      const nudges = createNudges({
        apply: (...nudge) =>
          world.applyWrite(nudge[0], { kind: 'event', id: nudge[1], fields: {} }),
        setTimer: clock.setTimer,
      });
      const deliver = (id: string | undefined, delayMs: number) => {
        if (id !== undefined) clock.setTimer(delayMs, () => nudges.add(tenant, id));
      };
      const left = new Set<string>();
      const client = watch(world, plan.kind);
      await pass(world, 10_000);
      const startedAt = clock.now();
      const callsBefore = world.calls.length;

      for (const step of plan.steps) {
        const row = list[step.row % list.length];
        if (row) {
          row.status = step.status;
          if (step.status !== 'connected') left.add(row.id);
        }
        for (const delayMs of step.deliveries) deliver(row?.id, delayMs);
        if (step.noise !== null) deliver(list[step.noise % list.length]?.id, 0);
        await pass(world, step.waitMs);
      }
      // The last changes have no event, or a late one: a poll finds them.
      const pages = Math.ceil(plan.rows / 100);
      await pass(world, pages === 1 ? reportedMs + 3000 : 3 * reportedMs);

      expect(client.rows).toEqual(client.listed());
      expect([...client.gone.difference(left)]).toEqual([]);
      expect(client.stale()).toBe(0);
      const minutes = (clock.now() - startedAt) / 60_000;
      expect(world.calls.length - callsBefore).toBeLessThanOrEqual(Math.ceil(22 * minutes) + 4);
      client.leave();
    }),
    { numRuns: runs(40) },
  );
});
