import { describe, expect, test } from 'vitest';
import { createTestClock, type TestClock } from '#test/support/clock.ts';
import { hasRedis, redisNote, startRedis } from '#test/support/store/redis-server.ts';
import type { Answer } from '#test/support/start.ts';
import { type Replica, startReplicas } from '#test/support/replicas/replicas.ts';

/** What three screens of an app ask for again and again. */
const screens = [
  'query List { instances(first: 50) { totalCount nodes { id name status } } }',
  'query Connecting { instances(status: CONNECTING) { totalCount } }',
  'query One { instance(id: "inst_abc123") { name status } }',
];

const clients = 200;
const pollMs = 4000;
const stepMs = 500;

async function start() {
  const redis = await startRedis();
  const clock = createTestClock();
  const replicas = await startReplicas({
    redis: redis.url,
    clocks: [clock],
    sharedNow: clock.now,
    instances: 250,
  });
  return { ...replicas, redis, clock };
}

interface Polled extends Answer {
  /** How old its oldest row was. */
  readonly ageMs: number;
}

/** Lets 200 clients poll, each at its own moments, for so long. */
async function poll(all: readonly Replica[], clock: TestClock, ms: number): Promise<Polled[]> {
  const answers: Polled[] = [];
  for (let time = 0; time < ms; time += stepMs) {
    const due = Array.from({ length: clients }, (_, client) => client).filter(
      (client) => (client * 37) % (pollMs / stepMs) === (time / stepMs) % (pollMs / stepMs),
    );
    const asked = Promise.all(
      due.map((client) => all[client % all.length]!.query(screens[(client % 7) % 3] ?? '')),
    );
    for (const answer of await asked) {
      const asOf = Date.parse(answer.extensions?.enviaai?.asOf ?? '');
      answers.push({ ...answer, ageMs: clock.now() - asOf });
    }
    clock.advance(stepMs);
  }
  return answers;
}

const answered = (answers: readonly Answer[]) =>
  answers.filter(({ errors }) => errors === undefined).length;

describe.skipIf(!hasRedis)(`one budget for all replicas${redisNote}`, () => {
  test('200 clients poll three replicas for a minute: all are answered, for the 50 calls of one key', async () => {
    const { all, clock, calls, refusals } = await start();
    const answers = await poll(all, clock, 60_000);
    expect(answers.length).toBe((clients * 60_000) / pollMs);
    expect(answered(answers)).toBe(answers.length);
    expect(calls().length).toBeLessThanOrEqual(50);
    expect(await refusals()).toBe(0);
    // Spread over the whole minute, and not spent by whoever came first.
    expect(Math.max(...answers.map(({ ageMs }) => ageMs))).toBeLessThan(15_000);
  });

  test('every replica shows the same budget, whichever spent it, and without calls of its own', async () => {
    const { all, clock, calls, redis } = await start();
    const [one, two] = all;
    const budgetOf = async (replica: Replica) =>
      (await replica.query('{ rateLimit { limit remaining resetAt } }')).data.rateLimit;
    const remainingOf = async (replica: Replica, document: string) =>
      (await replica.query(document)).extensions?.enviaai?.remaining;
    expect(await budgetOf(two!)).toBeNull();

    const byId = (id: string) => `{ instance(id: "${id}") { id } }`;
    for (const id of ['inst_a', 'inst_b', 'inst_c']) await one!.query(byId(id));
    const shown = await budgetOf(one!);
    expect(shown).toMatchObject({ limit: 50, remaining: 47 });
    expect(await budgetOf(two!)).toEqual(shown);
    // A page that another replica called for brings the budget with it.
    expect(await remainingOf(all[2]!, byId('inst_c'))).toBe(47);
    await two!.query(byId('inst_d'));
    expect(await budgetOf(one!)).toEqual(await budgetOf(two!));
    expect((await budgetOf(one!)).remaining).toBe(46);
    expect(calls()).toHaveLength(4);

    // Without Redis, a replica shows what the responses to its own calls reported.
    await redis.stop();
    expect(await budgetOf(one!)).toMatchObject({ remaining: 46 });
    clock.advance(60_000);
    expect(await budgetOf(one!)).toBeNull();
  });

  test('Redis goes away and comes back under them: all are answered, within the 50 calls of one key', async () => {
    const { all, clock, redis, calls, refusals } = await start();
    const ready = (store: string) =>
      expect
        .poll(
          async () => (await Promise.all(all.map((one) => one.readiness()))).map((it) => it.store),
          {
            timeout: 20_000,
          },
        )
        .toEqual(all.map(() => store));

    const shared = await poll(all, clock, 16_000);
    await redis.stop();
    await ready('local');
    expect((await all[0]!.readiness()).status).toBe('degraded');
    expect(await all[0]!.figure('enviaai_store_up')).toBe(0);
    const alone = await poll(all, clock, 20_000);
    await redis.restart();
    await ready('redis');
    const again = await poll(all, clock, 20_000);

    for (const answers of [shared, alone, again]) expect(answered(answers)).toBe(answers.length);
    expect(calls().length).toBeLessThanOrEqual(50);
    expect(await refusals()).toBe(0);

    // Past the window's end, and past what is fresh: shared again.
    clock.advance(60_000);
    const before = calls().length;
    await Promise.all(all.map((one) => one.query(screens[0] ?? '')));
    expect(calls()).toHaveLength(before + 1);
    expect(await all[0]!.figure('enviaai_store_up')).toBe(1);
  });

  test('a Redis that hangs holds nobody up', async () => {
    const { all, clock, redis, refusals } = await start();
    await poll(all, clock, 2000);
    redis.freeze();
    const answers = await poll(all, clock, 8000);
    redis.thaw();
    expect(answered(answers)).toBe(answers.length);
    expect(await refusals()).toBe(0);
  });

  test('a server starts without its Redis, says so, and shares as soon as it is there', async () => {
    const redis = await startRedis();
    await redis.stop();
    const { all } = await startReplicas({ redis: redis.url, count: 1 });
    const [one] = all;
    expect(await one!.readiness()).toEqual({
      status: 'degraded',
      upstream: 'reachable',
      store: 'local',
    });
    expect((await one!.query(screens[0] ?? '')).errors).toBeUndefined();
    expect(one!.log.join()).toContain('Redis is not available');
    expect(one!.log.join()).not.toContain(redis.url.host);
    await redis.restart();
    await expect
      .poll(async () => (await one!.readiness()).store, { timeout: 20_000 })
      .toBe('redis');
    expect(one!.log.join()).toContain('Redis is available');
  });
});
