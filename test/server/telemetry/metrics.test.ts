import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { expect, onTestFinished, test } from 'vitest';
import { labelValues } from '#src/app/label-values.ts';
import { readFields } from '#src/domain/read-field.ts';
import { createTestClock } from '#test/support/clock.ts';
import { envelope, rowsOf } from '#test/support/faults/faulty.ts';
import { metricsOf, startWithMetrics } from '#test/support/telemetry/with-metrics.ts';
import { startUpstream } from '#test/support/upstream.ts';

const list = '{ instances { totalCount } }';

test('docs/metrics.md has all metrics, and no others', async () => {
  const described = await readFile('docs/metrics.md', 'utf8');
  const served = metricsOf()
    .registry.getMetricsAsArray()
    .map(({ name }) => name);
  const named = [...described.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = '']) => name);
  const ours = (names: string[]) => new Set(names.filter((name) => name.startsWith('enviaai_')));
  expect(ours(named)).toEqual(ours(served));
  // The metrics of the process differ between systems; the page has all of this one.
  expect(served.filter((name) => !named.includes(name))).toEqual([]);
});

test('every counter exists from the start with 0, for every value of its labels', async () => {
  const { registry } = metricsOf({ trustedNames: ['Trusted'] });
  const counters = (await registry.getMetricsAsJSON()).filter(
    ({ name, type }) => type === ('counter' as never) && name.startsWith('enviaai_'),
  );
  expect(counters.length).toBeGreaterThan(9);
  for (const { name, values } of counters) {
    expect(values.length, name).toBeGreaterThan(0);
    expect(values.filter(({ value }) => value !== 0)).toEqual([]);
  }
  const valuesOf = (metric: string, label: string) =>
    new Set(
      counters
        .filter(({ name }) => name === metric)
        .flatMap(({ values }) => values.map(({ labels }) => labels[label])),
    );
  const { kinds, outcomes, purposes, codes, reasons } = labelValues;
  expect(valuesOf('enviaai_upstream_calls_total', 'kind')).toEqual(new Set(kinds));
  expect(valuesOf('enviaai_budget_denials_total', 'purpose')).toEqual(new Set(purposes));
  expect(valuesOf('enviaai_upstream_calls_total', 'outcome')).toEqual(new Set(outcomes));
  expect(valuesOf('enviaai_operation_errors_total', 'code')).toEqual(new Set(codes));
  expect(valuesOf('enviaai_dependency_failures_total', 'reason')).toEqual(
    new Set(Object.values(reasons).flat()),
  );
  expect(valuesOf('enviaai_operations_total', 'operation')).toEqual(new Set(['other', 'Trusted']));
});

test('the values of labels that exist from the start are those of the documentation', async () => {
  const errors = await readFile('docs/errors.md', 'utf8');
  const [table = ''] = (errors.split('\n## Codes\n')[1] ?? '').split('\n## ');
  const cells = [...table.matchAll(/^\| (`[^|]+) \|/gm)].map(([, cell = '']) => cell);
  const documented = [...cells.join().matchAll(/`(\w+)`/g)].map(([, code = '']) => code);
  expect(documented.toSorted()).toEqual(labelValues.codes.toSorted());
  const page = await readFile('docs/metrics.md', 'utf8');
  const [, outcomes = ''] = page.split('`outcome`:\n');
  const [rows = ''] = outcomes.split('The values of `by`:');
  const named = [...rows.matchAll(/`([a-z-]+)`/g)].map(([, name = '']) => name);
  expect(named.toSorted()).toEqual(labelValues.outcomes.toSorted());
});

test('enviaai_build_info has the version of the package and of Node', async () => {
  const server = await startWithMetrics();
  const { version } = JSON.parse(await readFile('package.json', 'utf8'));
  const labels = `version="${version}",node_version="${process.versions.node}"`;
  expect(await server.valueOf(`enviaai_build_info{${labels}}`)).toBe(1);
  const health = await fetch(new URL('/healthz', server.url));
  expect(await health.json()).toEqual({ status: 'ok', version });
});

test('/metrics returns the text format of Prometheus, with no-store', async () => {
  const server = await startWithMetrics();
  const response = await fetch(new URL('/metrics', server.url));
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(response.headers.get('cache-control')).toBe('no-store');
});

test('upstream calls are counted by kind and outcome, with their duration and the remaining budget', async () => {
  const server = await startWithMetrics({ ratePerMinute: 2, instances: 300 });
  await server.query(list);
  await server.query('{ instance(id: "inst_nowhere") { id } }');
  expect(await server.valueOf('enviaai_upstream_calls_total{kind="list",outcome="ok"}')).toBe(1);
  expect(await server.valueOf('enviaai_upstream_calls_total{kind="get",outcome="not-found"}')).toBe(
    1,
  );
  expect(await server.valueOf('enviaai_upstream_call_duration_seconds_count{kind="get"}')).toBe(1);
  expect(await server.valueOf('enviaai_budget_remaining_ratio_count')).toBe(2);
  expect(await server.valueOf('enviaai_budget_remaining_ratio_sum')).toBe(0.5);
});

test('saved calls are counted by cause: in flight, memory, and the whole account', async () => {
  const server = await startWithMetrics({ clock: createTestClock() });
  await Promise.all([server.query(list), server.query(list), server.query(list)]);
  const saved = (by: string) => server.valueOf(`enviaai_upstream_calls_saved_total{by="${by}"}`);
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

test('the age of served rows and stale responses are counted', async () => {
  const clock = createTestClock();
  const server = await startWithMetrics({ clock, ratePerMinute: 1 });
  await server.query(list);
  expect(await server.valueOf('enviaai_stale_answers_total')).toBe(0);
  clock.advance(10_000);
  const { extensions } = await server.query(list);
  expect(extensions?.enviaai?.stale).toBe(true);
  expect(await server.valueOf('enviaai_stale_answers_total')).toBe(1);
  expect(await server.valueOf('enviaai_answer_age_seconds_sum')).toBe(10);
  expect(await server.valueOf('enviaai_budget_denials_total{purpose="refresh"}')).toBe(1);
});

test('a filtered list from a page that the operation fetched is not stale', async () => {
  const server = await startWithMetrics({ env: { FRESH_MS: '0' } });
  await server.query(list);
  const { extensions } = await server.query('{ instances(status: CONNECTED) { totalCount } }');
  expect(extensions?.enviaai).toMatchObject({ calls: 1, stale: false });
  expect(await server.valueOf('enviaai_stale_answers_total')).toBe(0);
  expect(await server.valueOf('enviaai_upstream_calls_saved_total{by="narrowed"}')).toBe(0);
});

test('a wait for the end of the window is observed', async () => {
  const clock = createTestClock();
  const server = await startWithMetrics({ clock, ratePerMinute: 1 });
  await server.query(list);
  clock.advance(59_000);
  const waiting = server.query(list, {}, { 'cache-control': 'no-cache' });
  await expect
    .poll(() => server.valueOf('enviaai_budget_denials_total{purpose="demanded"}'))
    .toBe(1);
  await waiting;
  const other = server.query('{ instance(id: "inst_other") { id } }');
  await expect.poll(() => server.valueOf('enviaai_budget_wait_seconds_count')).toBe(1);
  clock.advance(2000);
  expect((await other).data.instance).toBeNull();
});

test('no metric contains a key, a tenant, an id or an argument', async () => {
  const server = await startWithMetrics({ instances: 3 });
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

test('the memory of pages is reported, and goes down when EnviaAI rejects the key', async () => {
  const server = await startWithMetrics({ env: { FRESH_MS: '0' } });
  await server.query(list);
  expect(await server.valueOf('enviaai_pages_bytes')).toBeGreaterThan(1000);
  expect(await server.valueOf('enviaai_pages_tenants')).toBe(1);
  server.sandbox.control.fail({ key: 'test', status: 401 });
  await server.query(list);
  expect(await server.valueOf('enviaai_pages_bytes')).toBe(0);
  expect(await server.valueOf('enviaai_pages_tenants')).toBe(0);
});

test('every field that cannot be read is counted, from 0 on, once for each response of EnviaAI', async () => {
  const [first = {}, ...others] = rowsOf(3);
  const odd = {
    ...first,
    phone: '123456789012345@lid',
    status: 'on_holiday',
    profileName: ['A'],
    profilePicUrl: 'x',
    createdAt: 'yesterday',
    lastSeenAt: {},
    webhookUrl: 7,
    webhookEvents: 'all',
    settings: 'none',
  };
  const rows = [null, { name: 'A' }, { id: 'inst_8' }, odd, { ...odd, id: 'inst_9' }, ...others];
  const answer = envelope(rows, { total: 'many', hasMore: undefined });
  let body = envelope(rowsOf(3));
  const upstream = await startUpstream((_, response) => {
    response.writeHead(200).end(JSON.stringify(body));
  });
  const server = await startWithMetrics({
    upstream: upstream.url.href,
    env: { FRESH_MS: '0', ENVIAAI_RATE_PER_MINUTE: '1000' },
  });
  onTestFinished(() => upstream.close());
  const counts = async () =>
    Object.fromEntries(
      [
        ...(await server.page()).matchAll(
          /^enviaai_unreadable_fields_total\{field="([\w.]+)"\} (\d+)$/gm,
        ),
      ].map(([, field, count]) => [field, Number(count)]),
    );
  await server.query(list);
  expect(await counts()).toEqual(Object.fromEntries(readFields.map((field) => [field, 0])));

  body = answer;
  await server.query(list);
  const expected = {
    ...Object.fromEntries(readFields.map((field) => [field, 2])),
    row: 1,
    id: 1,
    name: 1,
    'pagination.total': 1,
    'pagination.hasMore': 1,
  };
  expect(await counts()).toEqual(expected);
  // Equal bytes are not parsed again.
  await server.query(list);
  expect(await counts()).toEqual(expected);
  expect(upstream.calls).toHaveLength(3);
});
