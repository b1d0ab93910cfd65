import { expect, test } from 'vitest';
import type { Metrics } from '#src/telemetry/metrics.ts';
import { figure } from '#test/support/budget/figure.ts';
import { metricsOf, startWithMetrics } from '#test/support/telemetry/with-metrics.ts';
import {
  createFolder,
  hashOf,
  manifestOf,
  startTrusting,
} from '#test/support/trusted-documents/manifests.ts';

const list = '{ instances { totalCount } }';

test('operations are counted by name and code', async () => {
  const server = await startWithMetrics();
  await server.query('query Screen { instances { totalCount } }');
  await server.query('query Screen { instances(first: 0) { totalCount } }');
  const countOf = (code: string) =>
    server.valueOf(`enviaai_operations_total{operation="Screen",code="${code}"}`);
  expect(await countOf('OK')).toBe(1);
  expect(await countOf('BAD_USER_INPUT')).toBe(1);
  expect(await server.valueOf('enviaai_operation_duration_seconds_count{operation="Screen"}')).toBe(
    2,
  );
});

test('besides trusted names, 100 names of operations get a label, and only after a successful read', async () => {
  const metrics = metricsOf({ trustedNames: ['Trusted'] });
  const operated = (operation: string, code: string | null, calls: number | null) =>
    metrics.countOperation({ operation, code, calls, durationMs: 1, ageMs: null, stale: false });
  for (let index = 0; index < 500; index += 1)
    operated(`Unauthenticated${index}`, 'UNAUTHENTICATED', 1);
  for (let index = 0; index < 500; index += 1) operated(`Typename${index}`, null, null);
  for (let index = 0; index < 500; index += 1) operated(`Read${index}`, null, 0);
  const names = Array.from({ length: 100 }, (_, index) => `Read${index}`);
  expect(await namesIn(metrics)).toEqual(new Set(['other', 'Trusted', ...names]));
});

async function namesIn({ registry }: Metrics) {
  const counter = await registry.getSingleMetric('enviaai_operations_total')?.get();
  return new Set(counter?.values.map(({ labels }) => labels['operation']));
}

test('errors are counted by code, whatever their operation is called', async () => {
  const server = await startWithMetrics();
  const errors = 'enviaai_operation_errors_total{code="BAD_USER_INPUT"}';
  expect(await server.valueOf(errors)).toBe(0);
  await server.query('query Made { instances(first: 0) { totalCount } }');
  await server.query('query Up { instances(first: 0) { totalCount } }');
  await server.query(list);
  expect(await server.valueOf(errors)).toBe(2);
  expect(await server.valueOf('enviaai_operation_errors_total{code="RATE_LIMITED"}')).toBe(0);
});

test('a fault outside of an operation counts as an internal error', async () => {
  const metrics = metricsOf();
  metrics.countFault();
  expect((await metrics.page()).body).toContain(
    'enviaai_operation_errors_total{code="INTERNAL_SERVER_ERROR"} 1',
  );
});

test('the operation of a trusted document has a label, although others used up the 100', async () => {
  const text = 'query Trusted($first: Int) { instances(first: $first) { totalCount } }';
  const path = await createFolder({ 'web.json': manifestOf(text) });
  const server = await startTrusting('on', { path, FRESH_MS: '60000' });
  for (let index = 0; index < 110; index += 1) {
    await server.query(`query Made${index} { instances { totalCount } }`);
  }
  const documentId = hashOf(text);
  // Its first operation fails: also that one is counted by its name.
  await server.ask('POST', { documentId, variables: { first: 0 } });
  await server.ask('POST', { documentId, variables: { first: 1 } });
  const count = (operation: string, code: string) =>
    figure(server, `enviaai_operations_total{operation="${operation}",code="${code}"}`);
  expect(await count('Trusted', 'BAD_USER_INPUT')).toBe(1);
  expect(await count('Trusted', 'OK')).toBe(1);
  expect(await count('other', 'OK')).toBe(10);
  expect(await count('Made0', 'OK')).toBe(1);
});
