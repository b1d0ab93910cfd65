import { expect, test } from 'vitest';
import { type Env, parseConfig } from '#src/config/config.ts';
import { startWarnings } from '#src/config/start-warnings.ts';

const warningsOf = (env: Env) => startWarnings(parseConfig(env), env);
const meant = (name: string, other: string) =>
  `${name}: is not a variable of this server. Is ${other} meant?`;

test.each([
  ['FRESH_MSS', 'FRESH_MS'],
  ['ENVIAAI_APIKEY', 'ENVIAAI_API_KEY'],
  ['ENVIAAI_KEY', 'ENVIAAI_API_KEY'],
  ['ENVIAAI_TIMEOUT', 'ENVIAAI_TIMEOUT_MS'],
  ['ENVIAAI_API_KEYFILE', 'ENVIAAI_API_KEY_FILE'],
  ['REDIS_URI', 'REDIS_URL'],
  ['MAX_UPSTREAM_CALL', 'MAX_UPSTREAM_CALLS'],
  ['TRUSTED_DOCUMENT', 'TRUSTED_DOCUMENTS'],
  ['OTEL_TRACE_EXPORTER', 'OTEL_TRACES_EXPORTER'],
  ['log_level', 'LOG_LEVEL'],
  ['LOGLEVEL', 'LOG_LEVEL'],
  ['port', 'PORT'],
])('a variable that is probably misspelled is reported: %s', (name, other) => {
  expect(warningsOf({ [name]: 'sk_live_secret' })).toEqual([meant(name, other)]);
});

test('a variable with a prefix of ours is reported although no other is similar', () => {
  expect(warningsOf({ ENVIAAI_SOMETHING_ELSE: 'x' })).toEqual([
    'ENVIAAI_SOMETHING_ELSE: is not a variable of this server.',
  ]);
});

test('variables of the system, of npm, of Kubernetes and of OpenTelemetry are not reported', () => {
  const names = `
    PATH HOME HOSTNAME PWD USER LANG TERM SHLVL _ COST POST http_proxy NO_PROXY
    NODE_OPTIONS NODE_EXTRA_CA_CERTS NODE_VERSION npm_config_cache npm_lifecycle_event
    INIT_CWD CI TZ MAX_WORKERS ENVIAAI_GRAPHQL_SERVICE_HOST
    ENVIAAI_GRAPHQL_SERVICE_PORT_HTTP ENVIAAI_GRAPHQL_PORT ENVIAAI_GRAPHQL_PORT_4000_TCP
    REDIS_SERVICE_HOST ENVIAAI_GRAPHQL_PORT_4000_TCP_PROTO REDIS_PORT REDIS_HOST
    REDIS_PASSWORD OTEL_RESOURCE_ATTRIBUTES OTEL_EXPORTER_OTLP_HEADERS OTEL_LOGS_EXPORTER
    OTEL_METRICS_EXPORTER OTEL_EXPORTER_OTLP_TRACES_PROTOCOL OTEL_PROPAGATORS
  `
    .trim()
    .split(/\s+/);
  expect(warningsOf(Object.fromEntries(names.map((name) => [name, 'x'])))).toEqual([]);
});

test('an empty variable, and those that the server reads, are not reported', () => {
  expect(warningsOf({ FRESH_MSS: '', FRESH_MS: '1', LOG_LEVEL: 'warn' })).toEqual([]);
});

const jwt = { AUTH: 'jwt', ENVIAAI_API_KEY: 'k', AUTH_ISSUER: 'i', AUTH_AUDIENCE: 'a' };
const traced = { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=secret' };

test.each<[string, Env]>([
  ['ENVIAAI_BASE_URL', { ENVIAAI_BASE_URL: 'http://api.example.com/v1' }],
  ['AUTH_JWKS_URL', { ...jwt, AUTH_JWKS_URL: 'http://id.example.com/keys' }],
  ['REDIS_URL', { REDIS_URL: 'redis://:word@redis.example.com' }],
  [
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    { ...traced, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.example.com:4318' },
  ],
])('an unencrypted connection to another machine is reported: %s', (name, env) => {
  const [warning, ...others] = warningsOf(env);
  expect(warning).toMatch(new RegExp(`^${name}: .*Use (?:https|rediss://)\\.$`));
  expect(others).toEqual([]);
  expect(warning).not.toMatch(/example|:word|secret/);
  const encrypted = Object.entries(env).map(([key, value = '']) => [
    key,
    value.replace('http:', 'https:').replace('redis:', 'rediss:'),
  ]);
  expect(warningsOf(Object.fromEntries(encrypted))).toEqual([]);
});

test.each(['127.0.0.1', 'localhost', '[::1]', 'graph.localhost', '127.8.9.1'])(
  'an unencrypted connection to this machine is not reported: %s',
  (host) => {
    const ENVIAAI_BASE_URL = `http://${host}:4010`;
    expect(warningsOf({ ENVIAAI_BASE_URL, REDIS_URL: `redis://:word@${host}` })).toEqual([]);
  },
);
