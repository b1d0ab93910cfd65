import { expect, test } from 'vitest';
import { ConfigError, parseConfig } from '#src/config/config.ts';
import { startTraced } from '#test/support/telemetry/traced.ts';

/** A module that prints the loaded packages of OpenTelemetry on SIGUSR2. */
const watch = btoa(`
  import { registerHooks } from 'node:module';
  const loaded = new Set();
  registerHooks({
    load(url, context, next) {
      const [, name] = /@opentelemetry\\/([\\w-]+)\\/(?!.*@opentelemetry)/.exec(url) ?? [];
      if (name) loaded.add(name);
      return next(url, context);
    },
  });
  process.on('SIGUSR2', () => console.log('loaded: ' + [...loaded]));
`);
const NODE_OPTIONS = `--import=data:text/javascript;base64,${watch}`;

async function modulesLoaded(env: Readonly<Record<string, string>>) {
  const server = await startTraced({ env: { NODE_OPTIONS, ...env } });
  await server.ask({ query: '{ instances { totalCount } }' });
  server.child.kill('SIGUSR2');
  const line = await server.line('loaded: ');
  const spans = await server.spans();
  return { spans, loaded: line.slice('loaded: '.length).split(','), calls: server.upstream.calls };
}

test('without its variables, OpenTelemetry is not loaded, and EnviaAI gets no traceparent', async () => {
  const { spans, loaded, calls } = await modulesLoaded({ OTEL_EXPORTER_OTLP_ENDPOINT: '' });
  // Types and empty functions; prom-client imports them.
  expect(loaded).toEqual(['api']);
  expect(spans).toEqual([]);
  expect(calls.map(({ headers }) => headers['traceparent'])).toEqual([undefined]);
});

test('with its variables, OpenTelemetry is loaded (validates the test above)', async () => {
  const { spans, loaded } = await modulesLoaded({});
  expect(loaded).toContain('sdk-trace-base');
  expect(spans).toHaveLength(3);
});

const traces = (env: Readonly<Record<string, string>>) => parseConfig(env).traces;

test('an exporter or an endpoint enables traces; OTEL_TRACES_EXPORTER=none and OTEL_SDK_DISABLED disable them', () => {
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };
  expect(traces({})).toBe(false);
  expect(traces(endpoint)).toBe(true);
  expect(traces({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://collector/v1/traces' })).toBe(true);
  expect(traces({ OTEL_TRACES_EXPORTER: 'otlp' })).toBe(true);
  expect(traces({ ...endpoint, OTEL_TRACES_EXPORTER: 'none' })).toBe(false);
  expect(traces({ ...endpoint, OTEL_SDK_DISABLED: 'true' })).toBe(false);
});

test.each([
  ['OTEL_TRACES_EXPORTER', 'jaeger'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
  ['OTEL_TRACES_SAMPLER', 'sometimes'],
  ['OTEL_TRACES_SAMPLER_ARG', '1.5'],
])('a wrong %s stops the start if traces are enabled', (name, value) => {
  const problems = (env: Readonly<Record<string, string>>) => {
    try {
      parseConfig(env);
    } catch (error) {
      if (error instanceof ConfigError) return error.problems.map((line) => line.split(':')[0]);
    }
    return [];
  };
  expect(problems({ OTEL_TRACES_EXPORTER: 'otlp', [name]: value })).toEqual([name]);
  expect(problems({ OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).toEqual(
    [],
  );
});
