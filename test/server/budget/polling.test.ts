import { expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { start } from '#test/support/start.ts';
import { poll, refusedIn } from '#test/support/budget/polls.ts';

const account = { instances: 60, ratePerMinute: 50, env: { LOG_LEVEL: 'silent' } };
const key = 'test';
/** 24,000 requests take their time. */
const timeout = 120_000;

test(
  '200 screens that ask for a list twice a second all have rows at most 5 s old, for 50 calls a minute at most',
  async () => {
    const clock = createTestClock();
    const server = await start({ ...account, clock });
    const polled = await poll(server, clock, { clients: 200, everyMs: 500, forMs: 60_000 });
    expect(polled).toMatchObject({ asked: 24_000, failed: [], mismarked: 0, staleAnswers: 0 });
    expect(polled.oldestMs).toBeLessThanOrEqual(5000);
    // A row is fresh for 2 s, and the poll after that calls: every fifth of 120.
    expect(server.calls()).toHaveLength(24);
    expect(polled.callsTold).toBe(24);
    expect(refusedIn(server)).toBe(0);
  },
  timeout,
);

test('with 10 of the 50 left, every poll of a minute has rows and says where they are stale, for 5 calls', async () => {
  const clock = createTestClock();
  const server = await start({ ...account, clock });
  server.sandbox.control.spend({ key, remaining: 10 });
  const polled = await poll(server, clock, { clients: 20, everyMs: 500, forMs: 60_000 });
  expect(polled).toMatchObject({ asked: 2400, failed: [], mismarked: 0 });
  expect(polled.staleAnswers).toBeGreaterThan(0);
  // Spread over the minute: none waits for its end. Half of what was left is kept for other reads.
  expect(polled.oldestMs).toBeLessThanOrEqual(30_000);
  expect(server.calls().length).toBeLessThanOrEqual(5);
  expect(refusedIn(server)).toBe(0);
});

test('four lists of a larger account, polled for three minutes, share 50 calls a minute, and none is refused', async () => {
  const clock = createTestClock();
  const server = await start({ ...account, instances: 300, clock });
  const lists = [
    'first: 5',
    'last: 5',
    'first: 5, status: CONNECTED',
    'last: 5, status: CONNECTED',
  ];
  const polls = { clients: 4, everyMs: 500, forMs: 180_000, lists };
  const polled = await poll(server, clock, polls);
  expect(polled).toMatchObject({ asked: 1440, failed: [], mismarked: 0 });
  expect(polled.oldestMs).toBeLessThanOrEqual(20_000);
  expect(server.calls().length).toBeLessThanOrEqual(150);
  expect(refusedIn(server)).toBe(0);
});

test.for([1, 2, 3, 4])(
  'something else that uses up the key costs two refused calls in a window at most, and no poll its rows (%i)',
  async (seed) => {
    const clock = createTestClock();
    const server = await start({ ...account, clock });
    const random = createRandom(seed);
    const windows = new Map<string | null, number>();
    let refused = 0;
    const polled = await poll(server, clock, {
      clients: 5,
      everyMs: 1000,
      forMs: 240_000,
      meanwhile: () => {
        // To clear no faults changes nothing, and tells how the key stands.
        const { resetAt, remaining } = server.sandbox.control.fail({ key, times: 0 });
        windows.set(resetAt, (windows.get(resetAt) ?? 0) + refusedIn(server) - refused);
        refused = refusedIn(server);
        const requests = random() < 0.2 ? Math.min(remaining, Math.floor(random() * 20)) : 0;
        if (requests > 0) server.sandbox.control.spend({ key, requests });
      },
    });
    expect(polled).toMatchObject({ asked: 1200, failed: [], mismarked: 0 });
    expect(windows.size).toBeGreaterThanOrEqual(4);
    expect(Math.max(...windows.values())).toBeLessThanOrEqual(2);
    expect(refused).toBeGreaterThan(0);
  },
);

/** The same numbers for the same seed, 0 to 1. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
