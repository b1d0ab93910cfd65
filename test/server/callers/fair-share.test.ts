import { expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { start, type StartOptions } from '#test/support/start.ts';

const list = '{ instances { totalCount } }';

type Answer = Awaited<ReturnType<Awaited<ReturnType<typeof start>>['query']>>;
const codeOf = ({ errors }: Answer) => errors?.[0]?.extensions['code'] ?? 'OK';
const answered = (answers: readonly Answer[]) =>
  answers.filter((answer) => codeOf(answer) === 'OK').length;

/**
 * A server whose callers share a key of 50 calls a minute, and are told apart by their addresses.
 */
async function startShared({ env, ...options }: StartOptions = {}) {
  const clock = createTestClock();
  const server = await start({
    clock,
    ratePerMinute: 50,
    // Of several pages: an id of an account of one page is looked for in that page.
    instances: 1000,
    ...options,
    env: {
      AUTH: 'none',
      ENVIAAI_API_KEY: 'server',
      TRUST_PROXY: '1',
      CALLER_RATE_PER_MINUTE: '0',
      ...env,
    },
  });
  let ids = 0;
  const from = (address: string, query = list) =>
    server.query(query, {}, { 'x-forwarded-for': address });
  return {
    ...server,
    clock,
    from,
    calls: () => server.calls('server'),
    refusedByVendor: () =>
      server.sandbox.control.calls({ key: 'server' }).calls.filter(({ status }) => status === 429),
    /** Asks at once for ids that nobody asked for before: each costs one call. */
    newIds: (address: string, count: number) =>
      Promise.all(
        Array.from({ length: count }, () =>
          from(address, `{ instance(id: "inst_new${(ids += 1)}") { id } }`),
        ),
      ),
  };
}

const one = '192.0.2.1';
const other = '192.0.2.2';

test('while one caller asks for 80 new ids at once, the first list of another is answered', async () => {
  const server = await startShared();
  const [greedy, first] = await Promise.all([server.newIds(one, 80), server.from(other)]);
  expect(first.data.instances).toEqual({ totalCount: 1000 });
  expect(answered(greedy)).toBeGreaterThan(20);
  expect(server.refusedByVendor()).toEqual([]);
});

test('after one caller has asked for 80 new ids, the first list of another is answered', async () => {
  const server = await startShared();
  const greedy = await server.newIds(one, 80);
  expect(answered(greedy)).toBe(45);
  const refused = greedy.find((answer) => codeOf(answer) !== 'OK');
  expect(refused?.errors?.[0]?.extensions).toEqual({ code: 'RATE_LIMITED', retryAfter: 60 });
  expect((await server.from(other)).data.instances).toEqual({ totalCount: 1000 });
  expect(answered(await server.newIds('192.0.2.3', 10))).toBe(4);
  expect(server.calls()).toHaveLength(50);
});

test('a caller who keeps asking through the window leaves the first list of another', async () => {
  const server = await startShared();
  // Not in the last two seconds: a read would wait for the end of the window.
  for (let second = 0; second < 57; second += 1) {
    await server.newIds(one, 5);
    server.clock.advance(1000);
  }
  // A caller who is alone has had all calls but one.
  expect(server.calls()).toHaveLength(49);
  expect((await server.from(other)).data.instances).toEqual({ totalCount: 1000 });
  expect(server.refusedByVendor()).toEqual([]);
});

test('two callers who ask for 80 new ids each at the same time get about half each', async () => {
  const server = await startShared();
  const answers: Answer[][] = [[], []];
  const asked = Array.from({ length: 80 }, async () => {
    answers[0]?.push(...(await server.newIds(one, 1)));
    answers[1]?.push(...(await server.newIds(other, 1)));
  });
  await Promise.all(asked);
  const [first = 0, second = 0] = answers.map(answered);
  expect(first + second).toBeGreaterThanOrEqual(45);
  expect(Math.min(first, second)).toBeGreaterThanOrEqual(15);
});

test('in the next window, the share of a caller who came before is reserved from the start', async () => {
  const server = await startShared();
  await server.newIds(one, 80);
  await server.newIds(other, 1);
  server.clock.advance(60_000);
  expect(answered(await server.newIds(one, 80))).toBe(23);
  expect(answered(await server.newIds(other, 80))).toBe(22);
  server.clock.advance(120_000);
  // What nobody else has asked for by the middle of a window goes to those who ask.
  expect(answered(await server.newIds(one, 80))).toBe(23);
  server.clock.advance(30_000);
  expect(answered(await server.newIds(one, 80))).toBeGreaterThan(10);
});

test('a caller over its share gets stale rows, and a call that it joins costs it nothing', async () => {
  const server = await startShared();
  await server.from(other);
  server.clock.advance(3000);
  await server.newIds(one, 80);
  const stale = await server.from(one);
  expect(stale.extensions?.enviaai).toMatchObject({ calls: 0, stale: true });
  const fresh = await server.from(other);
  expect(fresh.extensions?.enviaai).toMatchObject({ stale: false });
  expect((await server.from(one)).extensions?.enviaai).toMatchObject({ calls: 0, stale: false });
});

test('a caller with a share left is not refused for joining a call of one who has none', async () => {
  const server = await startShared();
  await server.newIds(one, 80);
  const id = '{ instance(id: "inst_same") { id } }';
  const answers = await Promise.all([
    ...Array.from({ length: 5 }, () => server.from(one, id)),
    server.from(other, id),
  ]);
  expect(answers.at(-1)?.errors).toBeUndefined();
  expect(server.calls().filter((call) => call.endsWith('inst_same'))).toHaveLength(1);
});

test('forty callers who came before get one call each at least', async () => {
  const server = await startShared();
  const addresses = Array.from({ length: 40 }, (_, index) => `198.51.100.${index}`);
  await Promise.all(addresses.map((address) => server.newIds(address, 1)));
  server.clock.advance(60_000);
  const answers = await Promise.all(addresses.map((address) => server.newIds(address, 3)));
  expect(answers.map(answered).filter((count) => count === 0)).toEqual([]);
});

test('where each caller has a key of its own, one caller may use all its calls', async () => {
  const server = await start({ ratePerMinute: 50, clock: createTestClock() });
  const answers = await Promise.all(
    Array.from({ length: 80 }, (_, id) => server.query(`{ instance(id: "inst_x${id}") { id } }`)),
  );
  expect(answered(answers)).toBe(50);
});

test('calls that are refused to a caller over its share are counted', async () => {
  const server = await startShared();
  await server.newIds(one, 80);
  const page = await (await fetch(new URL('/metrics', server.url))).text();
  expect(page).toMatch(/^enviaai_fair_share_denials_total 35$/m);
});
