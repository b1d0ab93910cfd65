import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import { expect, test } from 'vitest';
import { parseConfig, variableNames } from '#src/config/config.ts';
import { problemsOf } from '#test/support/config/problems-of.ts';

test('without variables, the defaults are those of development with the sandbox', () => {
  expect(parseConfig({})).toEqual({
    production: false,
    listen: { host: '127.0.0.1', port: 4000 },
    pathPrefix: '',
    proxies: { upstream: null, jwks: null },
    allowedHosts: [],
    upstream: { kind: 'sandbox', instances: 3, ratePerMinute: 50 },
    auth: { kind: 'passthrough' },
    callerRatePerMinute: 300,
    trustProxy: 0,
    ratePerMinute: 50,
    timeoutMs: 5000,
    requestTimeoutMs: 10_000,
    freshMs: 2000,
    staleMs: 60_000,
    cacheMaxBytes: 64 * 1024 * 1024,
    redisUrl: null,
    redisSentinels: null,
    redisClusterNodes: null,
    limits: {
      bodyBytes: 1024 * 1024,
      tokens: 5000,
      depth: 15,
      aliases: 100,
      directives: 50,
      ids: 1000,
      writes: 5,
      fields: 25_000,
      upstreamCalls: 25,
      assumedInstances: 1000,
    },
    live: {
      pollMs: 3000,
      maxPages: 11,
      maxStreams: 20_000,
      streamsPerCaller: 20,
      lifetimeMs: 3_600_000,
    },
    webhooks: { secrets: [], file: null },
    cors: { kind: 'localhost' },
    mutations: true,
    graphiql: true,
    introspection: true,
    trustedDocuments: { mode: 'off' },
    logLevel: 'info',
    traces: false,
  });
});

test('in production, the defaults are the real API, all addresses, and no GraphiQL or introspection', () => {
  expect(parseConfig({ NODE_ENV: 'production' })).toMatchObject({
    production: true,
    listen: { host: '0.0.0.0', port: 4000 },
    upstream: { kind: 'live', baseUrl: new URL('https://api.enviaai.app/v1') },
    cors: { kind: 'origins', origins: [] },
    graphiql: false,
    introspection: false,
  });
});

test('an empty variable counts as absent', () => {
  expect(parseConfig({ PORT: '', ENVIAAI_API_KEY: '', NODE_ENV: '', CORS_ORIGINS: '' })).toEqual(
    parseConfig({}),
  );
});

test('a switch accepts on, off, true, false, 1 and 0', () => {
  const graphiql = (GRAPHIQL: string) => parseConfig({ GRAPHIQL }).graphiql;
  expect(['on', 'true', '1'].map(graphiql)).toEqual([true, true, true]);
  expect(['off', 'false', '0'].map(graphiql)).toEqual([false, false, false]);
  expect(problemsOf({ INTROSPECTION: 'yes' })).toEqual(['INTROSPECTION: must be on or off']);
});

test.each(['1e3', ' 5 ', '0x10', '5.0', '-1', '+5', '5ms', '٥', '99999999999999999999'])(
  'a number must be digits within its range: %j is rejected',
  (PORT) => {
    expect(problemsOf({ PORT })).toEqual(['PORT: must be a whole number from 0 to 65535']);
  },
);

test('ENVIAAI_RATE_PER_MINUTE accepts any whole number from 1', () => {
  expect(parseConfig({ ENVIAAI_RATE_PER_MINUTE: '123456789' }).ratePerMinute).toBe(123_456_789);
  expect(problemsOf({ ENVIAAI_RATE_PER_MINUTE: '0' })).toHaveLength(1);
});

test('all problems are reported at once, in one line each, and no value is quoted', () => {
  const secret = 'sk_live_secret';
  const problems = problemsOf({
    PORT: secret,
    ENVIAAI_API_KEY: secret,
    ENVIAAI_BASE_URL: `https://${secret}@api.example.com`,
    LOG_LEVEL: secret,
    AUTH: secret,
  });
  expect(problems.map((line) => line.split(':')[0])).toEqual([
    'PORT',
    'ENVIAAI_BASE_URL',
    'LOG_LEVEL',
    'AUTH',
  ]);
  expect(problems.join('')).not.toContain(secret);
  expect(problems.join('')).not.toContain('\n');
});

test('FRESH_MS must not be greater than STALE_MS, unless stale rows are never served', () => {
  const problem = 'FRESH_MS: must not be greater than STALE_MS, unless that is 0';
  expect(problemsOf({ FRESH_MS: '60001' })).toEqual([problem]);
  expect(problemsOf({ STALE_MS: '1999' })).toEqual([problem]);
  expect(parseConfig({ FRESH_MS: '60000' })).toMatchObject({ freshMs: 60_000, staleMs: 60_000 });
  expect(parseConfig({ FRESH_MS: '90000', STALE_MS: '0' })).toMatchObject({ staleMs: 0 });
});

test('ENVIAAI_API_KEY with AUTH=passthrough is rejected', () => {
  const [problem] = problemsOf({ ENVIAAI_API_KEY: 'any' });
  expect(problem).toContain('must not be set with AUTH=passthrough');
});

test.each([
  'ftp://example.com',
  'api.example.com',
  'https://user@example.com',
  'https://user:word@example.com',
  'https://example.com/v1?',
  'https://example.com/v1#x',
  ' https://example.com/v1',
])(
  'a base URL must not have credentials, a query or a fragment: %j is rejected',
  (ENVIAAI_BASE_URL) => {
    expect(problemsOf({ ENVIAAI_BASE_URL })).toHaveLength(1);
  },
);

test('PATH_PREFIX is a path without a final slash', () => {
  for (const PATH_PREFIX of ['/api', '/enviaai/v1.2', '/a/b-c_d'])
    expect(parseConfig({ PATH_PREFIX }).pathPrefix).toBe(PATH_PREFIX);
  for (const PATH_PREFIX of ['api', '/', '/api/', '//api', '/api/..', '/a?b', '/%61', 'http://a'])
    expect(problemsOf({ PATH_PREFIX })).toEqual([expect.stringContaining('PATH_PREFIX: must be')]);
});

test('ALLOWED_HOSTS are names with or without a port, separated by commas', () => {
  const ALLOWED_HOSTS = 'Graph.example.com, 10.0.0.5:4000,[fd00::1]:80';
  expect(parseConfig({ ALLOWED_HOSTS }).allowedHosts).toEqual([
    'graph.example.com',
    '10.0.0.5:4000',
    '[fd00::1]:80',
  ]);
});

test.each([
  '*',
  '*.example.com',
  'https://a.example',
  'a.example/',
  'a.example,',
  'fd00::1',
  'a b',
])('an allowed host must be a name without wildcards: %j is rejected', (ALLOWED_HOSTS) => {
  expect(problemsOf({ ALLOWED_HOSTS })).toHaveLength(1);
});

test('.env.example has every variable with its default', async () => {
  const example = parseEnv(await readFile('.env.example', 'utf8'));
  expect(Object.keys(example).sort()).toEqual([...variableNames].sort());
  expect(parseConfig(example)).toEqual(parseConfig({}));
});

test('mutations are on where callers send their own keys, and off with the key of the server', () => {
  const shared = { AUTH: 'none', ENVIAAI_API_KEY: 'key' };
  expect(parseConfig({}).mutations).toBe(true);
  expect(parseConfig(shared).mutations).toBe(false);
  expect(parseConfig({ ...shared, MUTATIONS: 'on' }).mutations).toBe(true);
  expect(parseConfig({ MUTATIONS: 'off' }).mutations).toBe(false);
});
