import { expect, test } from 'vitest';
import { startTraced } from '#test/support/telemetry/traced.ts';

const list = { query: '{ instances { totalCount } }' };
const answer = { data: { instances: { totalCount: 3 } } };

test('an unreachable collector does not affect responses, and is logged', async () => {
  const server = await startTraced({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
      OTEL_EXPORTER_OTLP_TIMEOUT: '200',
      OTEL_BSP_SCHEDULE_DELAY: '1',
    },
  });
  expect(await server.ask(list)).toMatchObject(answer);
  expect(JSON.parse(await server.line('delivered'))).toMatchObject({
    level: 'warn',
    msg: 'Traces cannot be delivered. Until they can, they are dropped.',
    reason: 'refused',
  });
  expect(await server.ask(list)).toMatchObject(answer);
  expect(await server.spans()).toEqual([]);
});

test('a collector that hangs delays neither responses nor the end of the process', async () => {
  const server = await startTraced({ collectorHangs: true });
  expect(await server.ask(list)).toMatchObject(answer);
  const stoppedAt = performance.now();
  server.child.kill('SIGTERM');
  expect(await server.exitCode).toBe(0);
  // OpenTelemetry alone would wait for 10 s.
  expect(performance.now() - stoppedAt).toBeLessThan(5000);
});

test('the variables of OpenTelemetry set the sampler and the resource', async () => {
  const server = await startTraced({
    env: {
      OTEL_SERVICE_NAME: 'bff',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0',
    },
  });
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  await server.ask(list);
  await server.ask({ query: '{ __typename }' }, { traceparent });
  expect(await server.spans()).toMatchObject([{ traceId: 'a'.repeat(32) }]);
  expect(server.collector.resource()).toMatchObject({
    'service.name': 'bff',
    'deployment.environment.name': 'test',
  });
});
