import { expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import type { Answer } from '#test/support/start.ts';
import { always, type UpstreamHandler } from '#test/support/upstream.ts';
import {
  expectTold,
  expectWell,
  list,
  single,
  startBehind,
  vendorOf,
} from '#test/support/faults/faulty.ts';

const rows = [0, 1, 2].map((index) => ({ id: `inst_${index}`, name: 'A', status: 'connected' }));
const one = { instance: { id: 'inst_1' } };

/** A screen that was served once, and what the upstream does since. */
async function startServed(fault: UpstreamHandler, env = {}) {
  const clock = createTestClock();
  const server = await startBehind(vendorOf(rows), {
    env: { ENVIAAI_TIMEOUT_MS: '150', ...env },
    clock,
  });
  expect((await server.query(list)).data.instances.totalCount).toBe(3);
  server.turn(fault);
  return { server, clock };
}

function expectServed({ data, errors, extensions }: Answer, stale: boolean): void {
  expect(errors).toBeUndefined();
  expect(data.instances?.totalCount ?? data).toEqual(data.instances ? 3 : one);
  expect(extensions?.enviaai?.stale).toBe(stale);
}

const faults: readonly (readonly [string, UpstreamHandler])[] = [
  ['refuses by 500', always(500, '')],
  ['refuses by 404', always(404, '<html>')],
  ['is not there (503)', always(503, '')],
  ['is not there (503, with a time)', always(503, '', { 'retry-after': '30' })],
  ['refuses for its rate (429)', always(429, '')],
  ['resets connections', ({ socket }) => void socket.resetAndDestroy()],
  ['does not answer', () => {}],
  ['answers with a page of HTML', always(200, '<html>')],
  ['answers with cut JSON', always(200, '{"data":[')],
  ['answers with another envelope', always(200, { rows: [] })],
  ['redirects', always(302, '', { location: 'http://127.0.0.1:1/' })],
  ['sends 6 MB', always(200, ' '.repeat(6 * 1024 * 1024))],
];

test.for(
  faults.flatMap(([name, fault]) => [list, single].map((ask) => [name, ask, fault] as const)),
)('where the vendor %s the screen stays, and says that it is stale: %s', async ([, ask, fault]) => {
  const { server, clock } = await startServed(fault);
  clock.advance(30_000);
  expectServed(await server.query(ask), true);
  expectServed(await server.query(ask), true);
  clock.advance(30_001);
  // A minute old: no more.
  expect((await server.query(ask)).errors).toHaveLength(1);
  clock.advance(60_001);
  await expectWell(server);
});

const ages = [
  [1000, 'fresh'],
  [3000, 'stale'],
  [61_000, 'gone'],
] as const;
const settings = [2000, 0].flatMap((fresh) => [60_000, 0].map((stale) => ({ fresh, stale })));

test.for(settings.flatMap((ms) => ages.map(([age, called]) => [age, called, ms] as const)))(
  'a page %i ms old, which by default is %s, is served as FRESH_MS and STALE_MS say: %o',
  async ([age, , { fresh, stale }]) => {
    const env = { FRESH_MS: String(fresh), STALE_MS: String(stale) };
    const { server, clock } = await startServed(always(500, ''), env);
    clock.advance(age);
    const answer = await server.query(list);
    if (age <= fresh) expectServed(answer, false);
    else if (age <= stale) expectServed(answer, true);
    else expectTold(answer, { code: 'UPSTREAM_ERROR' });
    // Fresh is what costs no call; FRESH_MS=0 asks each time.
    expect(server.upstream.calls).toHaveLength(age <= fresh ? 1 : 2);

    server.turn();
    const well = await server.query(list);
    if (age > fresh) expectServed(well, false);
  },
);

test('a vendor that is slow for a second costs freshness, and its answer serves the next reader', async () => {
  let give = () => {};
  const { server, clock } = await startServed(
    (request, response) => {
      give = () => void vendorOf(rows.slice(0, 2))(request, response);
    },
    { ENVIAAI_TIMEOUT_MS: '5000' },
  );
  clock.advance(3000);
  const slow = server.query(list);
  await expect.poll(() => server.upstream.calls).toHaveLength(2);
  // It may not have begun to wait by the machine's clock: time goes on until it has.
  let answer: Answer | undefined;
  void slow.then((given) => (answer = given));
  await expect
    .poll(() => {
      clock.advance(100);
      return answer;
    })
    .toBeDefined();
  expectServed(await slow, true);

  give();
  await expect
    .poll(async () => {
      const next = await server.query(list, {}, { 'cache-control': 'max-age=60' });
      return next.data.instances.totalCount;
    })
    .toBe(2);
  expect(server.upstream.calls.length).toBeLessThanOrEqual(3);
});

test('while a breaker is open the screen stays, at once and without a call', async () => {
  const { server, clock } = await startServed(always(503, ''));
  clock.advance(3000);
  for (let asked = 0; asked < 4; asked += 1) await server.query(list);
  const { length } = server.upstream.calls;
  expectServed(await server.query(list), true);
  expect(server.upstream.calls).toHaveLength(length);
});

test('a budget that is spent leaves the screen as it was, and says that it is stale', async () => {
  const { server, clock } = await startServed(vendorOf(rows), { ENVIAAI_RATE_PER_MINUTE: '1' });
  clock.advance(3000);
  expectServed(await server.query(list), true);
  expectServed(await server.query(list, {}, { 'cache-control': 'no-cache' }), true);
  expect(server.upstream.calls).toHaveLength(1);
});

test.for([
  [401, 'invalid_api_key'],
  [403, 'insufficient_permissions'],
] as const)(
  'a key refused with %i %s is shown nothing more, and asked with once in 5 s',
  async ([status, code]) => {
    const { server, clock } = await startServed(always(status, { error: { code } }));
    // As long as it was fresh it could not be known.
    expectServed(await server.query(list), false);
    clock.advance(3000);
    for (let asked = 0; asked < 10; asked += 1) {
      const { data, errors } = await server.query(list);
      expect([data, errors?.length]).toEqual([{ instances: null }, 1]);
    }
    expect(server.upstream.calls).toHaveLength(2);
    clock.advance(5000);
    expect((await server.query(single)).errors).toHaveLength(1);
    expect(server.upstream.calls).toHaveLength(3);
    clock.advance(5000);
    await expectWell(server);
  },
);
