import { expect, test } from 'vitest';
import { Failure } from '#src/domain/failure.ts';
import type { Row } from '#src/domain/row.ts';
import { createNudgedRows } from '#src/reading/live/rows/nudged-rows.ts';
import type { IdsRead } from '#src/reading/live/rows/watched-ids.ts';
import { rowOf } from '#test/support/reading/world.ts';

const id = 'inst_a';
const row = rowOf({ id, status: 'connected', createdAt: '2026-01-01T00:00:00.000Z' });
const signal = new AbortController().signal;

function create(answer: Partial<IdsRead> = {}) {
  let now = 100;
  const asked: (readonly string[])[] = [];
  const confirmed: Row[] = [];
  const rows = createNudgedRows({
    now: () => now,
    reporting: { confirm: (each) => void confirmed.push(each) },
    async readIds(ids) {
      asked.push(ids);
      const results = new Map(ids.map((each) => [each, row]));
      const read = {
        asOf: now,
        isStale: false,
        isRefused: false,
        calls: 1,
        proved: new Set<string>(),
      };
      return { results, ...read, ...answer };
    },
  });
  return {
    rows,
    asked,
    confirmed,
    job: () => rows.jobs()[0],
    at: (ms: number) => void (now = ms),
    /** A single response, sent at this time. */
    news: (at: number, isRewritten = false) =>
      rows.note({
        source: { id, row, sentAt: at, version: 1, bytes: Buffer.of() },
        find: (each) => (each === id ? row : undefined),
        at,
        isRewritten,
      }),
  };
}

test('a response that was sent before the event does not show its change', () => {
  const { rows, job, news } = create();
  rows.add(id, 100);
  news(99);
  expect(job()).toMatchObject({ dueAt: 100, isNudged: true });
  news(100);
  expect(job()).toBeUndefined();
});

test('a write of this server does not show the change that an event reports', () => {
  const { rows, job, news } = create();
  rows.add(id, 100);
  news(200, true);
  expect(job()).toBeDefined();
});

test('a row that is read after its event shows that its webhook leads here', () => {
  const { rows, confirmed, news } = create();
  news(100);
  expect(confirmed).toEqual([]);
  rows.add(id, 100);
  news(100);
  expect(confirmed).toEqual([row]);
});

test('an event is over after its call, even if that failed', async () => {
  const failure = new Failure('unavailable', 'EnviaAI does not answer');
  const { rows, asked, job } = create({ results: new Map([[id, failure]]) });
  rows.add(id, 100);
  expect(await job()?.run(signal)).toEqual({ calls: 1, isRefused: false });
  expect(asked).toEqual([[id]]);
  expect(job()).toBeUndefined();
});

test('an event for which the budget has no call waits for one, a second later', async () => {
  const refusal = new Failure('rate-limited', 'The budget is spent', { retryAfterMs: 1000 });
  for (const refused of [{ results: new Map([[id, refusal]]) }, { isStale: true }]) {
    const { rows, job } = create({ ...refused, calls: 0 });
    rows.add(id, 100);
    expect(await job()?.run(signal)).toEqual({ calls: 0, isRefused: true });
    expect(job()).toMatchObject({ dueAt: 1100 });
  }
});

test('an event that comes while its row is read has another call, a second after the first', async () => {
  const { rows, job, at } = create();
  rows.add(id, 100);
  const polling = job()?.run(signal);
  at(101);
  rows.add(id, 102);
  await polling;
  expect(job()).toMatchObject({ dueAt: 1100 });
});

test('events of more rows than are remembered wait for the poll', () => {
  const { rows, job, asked } = create();
  for (let each = 0; each < 3000; each += 1) rows.add(`inst_${each}`, 100);
  void job()?.run(signal);
  expect(asked[0]).toHaveLength(1000);
});

test('an event of an id that no GET can have waits for the poll', () => {
  const { rows, job } = create();
  rows.add('inst/a', 100);
  expect(job()).toBeUndefined();
});
