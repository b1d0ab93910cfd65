import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { createMetrics } from '#src/telemetry/metrics.ts';
import { createTestClock } from '#test/support/clock.ts';
import { start, type StartOptions } from '#test/support/start.ts';

/** A server, and the value of one of its figures: `enviaai_pages_tenants`, or one with its labels. */
async function startCounted(options: StartOptions = {}) {
  const server = await start(options);
  const page = async () => (await fetch(new URL('/metrics', server.url))).text();
  const figure = async (name: string) => {
    const line = (await page()).split('\n').find((line) => line.startsWith(`${name} `));
    return line === undefined ? undefined : Number(line.slice(name.length + 1));
  };
  return { ...server, page, figure };
}

const list = '{ instances { totalCount } }';

test('the page about metrics names every figure there is, and no other', async () => {
  const described = await readFile('docs/metrics.md', 'utf8');
  const served = createMetrics()
    .registry.getMetricsAsArray()
    .map(({ name }) => name);
  const named = [...described.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = '']) => name);
  const ours = (names: string[]) => new Set(names.filter((name) => name.startsWith('enviaai_')));
  expect(ours(named)).toEqual(ours(served));
  // Those of the process differ between systems: each that there is is named.
  expect(served.filter((name) => !named.includes(name))).toEqual([]);
});

test('Prometheus is given its own text format, and nothing may keep it', async () => {
  const server = await startCounted();
  const response = await fetch(new URL('/metrics', server.url));
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(response.headers.get('cache-control')).toBe('no-store');
});

test('every call to the vendor is counted by kind and outcome, with its time and what was left', async () => {
  const server = await startCounted({ ratePerMinute: 2, instances: 300 });
  await server.query(list);
  await server.query('{ instance(id: "inst_nowhere") { id } }');
  expect(await server.figure('enviaai_upstream_calls_total{kind="list",outcome="ok"}')).toBe(1);
  expect(await server.figure('enviaai_upstream_calls_total{kind="get",outcome="not-found"}')).toBe(
    1,
  );
  expect(await server.figure('enviaai_upstream_call_duration_seconds_count{kind="get"}')).toBe(1);
  expect(await server.figure('enviaai_budget_remaining_ratio_count')).toBe(2);
  expect(await server.figure('enviaai_budget_remaining_ratio_sum')).toBe(0.5);
});

test('what spared a call is told apart: one in flight, memory, and the whole account', async () => {
  const server = await startCounted({ clock: createTestClock() });
  await Promise.all([server.query(list), server.query(list), server.query(list)]);
  const saved = (by: string) => server.figure(`enviaai_upstream_calls_saved_total{by="${by}"}`);
  const shared = ((await saved('in_flight')) ?? 0) + ((await saved('memory')) ?? 0);
  expect(shared).toBe(2);

  const before = (await saved('memory')) ?? 0;
  await server.query(list);
  expect(await saved('memory')).toBe(before + 1);
  expect(await saved('narrowed')).toBe(0);
  await server.query('{ instances(status: CONNECTED) { totalCount } }');
  expect(await saved('narrowed')).toBe(1);
  expect(server.calls()).toHaveLength(1);
});

test('the age of what is served is counted, and whether it was stale', async () => {
  const clock = createTestClock();
  const server = await startCounted({ clock, ratePerMinute: 1 });
  await server.query(list);
  expect(await server.figure('enviaai_stale_answers_total')).toBe(0);
  clock.advance(10_000);
  const { extensions } = await server.query(list);
  expect(extensions?.enviaai?.stale).toBe(true);
  expect(await server.figure('enviaai_stale_answers_total')).toBe(1);
  expect(await server.figure('enviaai_answer_age_seconds_sum')).toBe(10);
  expect(await server.figure('enviaai_budget_denials_total{purpose="refresh"}')).toBe(1);
});

test('a list made from a page that was just called for is not stale', async () => {
  const server = await startCounted({ env: { FRESH_MS: '0' } });
  await server.query(list);
  const { extensions } = await server.query('{ instances(status: CONNECTED) { totalCount } }');
  expect(extensions?.enviaai).toMatchObject({ calls: 1, stale: false });
  expect(await server.figure('enviaai_stale_answers_total')).toBe(0);
  expect(await server.figure('enviaai_upstream_calls_saved_total{by="narrowed"}')).toBe(0);
});

test('a wait for the end of the window is counted', async () => {
  const clock = createTestClock();
  const server = await startCounted({ clock, ratePerMinute: 1 });
  await server.query(list);
  clock.advance(59_000);
  const waiting = server.query(list, {}, { 'cache-control': 'no-cache' });
  await expect
    .poll(() => server.figure('enviaai_budget_denials_total{purpose="demanded"}'))
    .toBe(1);
  await waiting;
  const other = server.query('{ instance(id: "inst_other") { id } }');
  await expect.poll(() => server.figure('enviaai_budget_wait_seconds_count')).toBe(1);
  clock.advance(2000);
  expect((await other).data.instance).toBeNull();
});

test('an operation is counted by its name and its code', async () => {
  const server = await startCounted();
  await server.query('query Screen { instances { totalCount } }');
  await server.query('query Screen { instances(first: 0) { totalCount } }');
  const figure = (code: string) =>
    server.figure(`enviaai_operations_total{operation="Screen",code="${code}"}`);
  expect(await figure('OK')).toBe(1);
  expect(await figure('BAD_USER_INPUT')).toBe(1);
  expect(await server.figure('enviaai_operation_duration_seconds_count{operation="Screen"}')).toBe(
    2,
  );
});

test('a hundred names have figures of their own, and strangers take none of them', async () => {
  const metrics = createMetrics();
  const operated = (operation: string, code: string | null, calls: number | null) =>
    metrics.countOperation({ operation, code, calls, durationMs: 1, ageMs: null, stale: false });
  for (let index = 0; index < 500; index += 1) operated(`Stranger${index}`, 'UNAUTHENTICATED', 1);
  for (let index = 0; index < 500; index += 1) operated(`Typename${index}`, null, null);
  for (let index = 0; index < 500; index += 1) operated(`Own${index}`, null, 0);
  const own = Array.from({ length: 100 }, (_, index) => `Own${index}`);
  expect(await namesIn(metrics)).toEqual(new Set(['other', ...own]));
});

async function namesIn({ registry }: ReturnType<typeof createMetrics>) {
  const counter = await registry.getSingleMetric('enviaai_operations_total')?.get();
  return new Set(counter?.values.map(({ labels }) => labels['operation']));
}

test('no figure holds a key, a tenant, an id or an argument', async () => {
  const server = await startCounted({ instances: 3 });
  const key = 'sk_live_secret';
  const ask = (query: string, variables?: object) =>
    server.query(query, variables, { authorization: `Bearer ${key}` });
  await ask('query One($id: ID!) { instance(id: $id) { id name } }', { id: 'inst_abc123' });
  await ask('{ instances(after: "secret_cursor") { totalCount } }');
  await ask('query { instances { nodes { phone } } }');
  const page = await server.page();
  expect(page).toContain('enviaai_pages_tenants 1');
  expect(page).not.toMatch(/secret|inst_|[0-9a-f]{32}|55119/);
});

test('memory that pages take is told, and goes down when a key is refused', async () => {
  const server = await startCounted({ env: { FRESH_MS: '0' } });
  await server.query(list);
  expect(await server.figure('enviaai_pages_bytes')).toBeGreaterThan(1000);
  expect(await server.figure('enviaai_pages_tenants')).toBe(1);
  server.sandbox.control.fail({ key: 'test', status: 401 });
  await server.query(list);
  expect(await server.figure('enviaai_pages_bytes')).toBe(0);
  expect(await server.figure('enviaai_pages_tenants')).toBe(0);
});
