import { expect, test } from 'vitest';
import { createNudges } from '#src/reading/written/nudges.ts';
import { createTestClock } from '#test/support/clock.ts';

function createReported() {
  const clock = createTestClock(0);
  const reports: string[] = [];
  let entries = () => 0;
  const nudges = createNudges({
    apply: async (tenant, id) => void reports.push(`${tenant} ${id} ${clock.now()}`),
    setTimer: clock.setTimer,
    track: (_kind, count) => (entries = count),
  });
  return { ...nudges, clock, reports, entries: () => entries() };
}

test('the first event is reported at once, those of the next second together at its end', () => {
  const { add, clock, reports, entries } = createReported();
  for (let times = 0; times < 5; times += 1) {
    add('a', 'inst_1');
    clock.advance(100);
  }
  expect(reports).toEqual(['a inst_1 0']);
  clock.advance(500);
  expect(reports).toEqual(['a inst_1 0', 'a inst_1 1000']);
  clock.advance(500);
  add('a', 'inst_1');
  clock.advance(500);
  expect(reports.slice(2)).toEqual(['a inst_1 2000']);
  clock.advance(1000);
  expect(reports).toHaveLength(3);
  expect(entries()).toBe(0);
});

test('other instances, and the same id in another account, do not wait', () => {
  const { add, reports } = createReported();
  add('a', 'inst_1');
  add('a', 'inst_2');
  add('b', 'inst_1');
  expect(reports).toEqual(['a inst_1 0', 'a inst_2 0', 'b inst_1 0']);
});

test('a flush reports what waits, and nothing is reported after it', async () => {
  const { add, flush, clock, reports } = createReported();
  for (const id of ['inst_1', 'inst_1', 'inst_2']) add('a', id);
  await flush();
  expect(reports).toEqual(['a inst_1 0', 'a inst_2 0', 'a inst_1 0']);
  clock.advance(5000);
  expect(reports).toHaveLength(3);
});

test('events of 20,000 instances in a second are all reported, and 10,000 are remembered', () => {
  const { add, clock, reports, entries } = createReported();
  for (let index = 0; index < 20_000; index += 1) add('a', `inst_${index}`);
  expect(reports).toHaveLength(20_000);
  expect(entries()).toBe(10_000);
  clock.advance(1000);
  expect(entries()).toBe(0);
});
