import { z } from 'zod';
import { type Auth, authOf, authVariables } from './auth.ts';
import { ConfigError, type Env } from './config-error.ts';
import { type LiveConfig, liveOf, liveVariables } from './live.ts';
import { origins } from './origins.ts';
import { proxyFor, proxyVariableNames } from './proxy.ts';
import { type RedisConfig, redisOf, redisVariables } from './redis-variables.ts';
import { secretFileNames } from './secret-files.ts';
import { areTracesEnabled, traceVariables } from './trace-variables.ts';
import {
  type TrustedDocumentsConfig,
  trustedDocumentsOf,
  trustedVariables,
} from './trusted-documents.ts';
import { baseUrl, hosts, oneOf, onOff, pathPrefix, wholeNumber } from './validators.ts';
import { type WebhooksConfig, webhooksOf, webhookVariables } from './webhook-variables.ts';

export { ConfigError, type Env };

/** The configuration of a deployment. `main.ts` reads it once and passes it down. */
export interface Config extends RedisConfig {
  readonly production: boolean;
  readonly listen: { readonly host: string; readonly port: number };
  readonly upstream:
    | { readonly kind: 'sandbox'; readonly instances: number; readonly ratePerMinute: number }
    | { readonly kind: 'live'; readonly baseUrl: URL };
  /** Paths may begin with it, such as `/api`; empty: they do not. */
  readonly pathPrefix: string;
  readonly auth: Auth;
  /** Whether callers may change instances. */
  readonly mutations: boolean;
  /** The proxies for calls to EnviaAI and for the issuer's keys; null: they are direct. */
  readonly proxies: Proxies;
  /** Names that `Host` may have where no credential is asked for, besides those of this machine. */
  readonly allowedHosts: readonly string[];
  /** Operations a minute of each caller that sends no EnviaAI key; 0: no limit. */
  readonly callerRatePerMinute: number;
  /** Number of proxies whose `X-Forwarded-For` is trusted. */
  readonly trustProxy: number;
  /** Requests a minute of a key, assumed until EnviaAI's first response states the limit. */
  readonly ratePerMinute: number;
  /** Timeout of one upstream call. */
  readonly timeoutMs: number;
  /** Timeout of one GraphQL operation, including all waits. */
  readonly requestTimeoutMs: number;
  /** Age up to which a row is served without a refresh; 0: never. */
  readonly freshMs: number;
  /** Age up to which a row is served if no newer one is available; 0: never. */
  readonly staleMs: number;
  readonly cacheMaxBytes: number;
  readonly limits: {
    readonly bodyBytes: number;
    readonly tokens: number;
    readonly depth: number;
    readonly aliases: number;
    readonly directives: number;
    readonly ids: number;
    /** Mutation fields of one operation. */
    readonly writes: number;
    readonly fields: number;
    readonly upstreamCalls: number;
    readonly assumedInstances: number;
  };
  readonly live: LiveConfig;
  readonly webhooks: WebhooksConfig;
  /** Origins that browsers may call from: any on localhost, or these; see `origins.ts`. */
  readonly cors:
    | { readonly kind: 'localhost' }
    | { readonly kind: 'origins'; readonly origins: readonly string[] };
  readonly graphiql: boolean;
  readonly introspection: boolean;
  readonly trustedDocuments: TrustedDocumentsConfig;
  readonly logLevel: LogLevel;
  /** Whether operations are traced. OpenTelemetry reads its endpoint from the environment. */
  readonly traces: boolean;
}

export interface Proxies {
  readonly upstream: URL | null;
  readonly jwks: URL | null;
}

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

const maxInteger = Number.MAX_SAFE_INTEGER;
const hourMs = 3_600_000;

const variables = z.object({
  NODE_ENV: oneOf(['development', 'test', 'production']).default('development'),
  PORT: wholeNumber(0, 65_535, 4000),
  HOST: z
    .string()
    .regex(/^[\w.:-]+$/, 'must be a host name or an IP address')
    .optional(),
  PATH_PREFIX: pathPrefix,
  ALLOWED_HOSTS: hosts,
  ENVIAAI_BASE_URL: baseUrl.optional(),
  CALLER_RATE_PER_MINUTE: wholeNumber(0, maxInteger, 300),
  TRUST_PROXY: wholeNumber(0, 100, 0),
  FRESH_MS: wholeNumber(0, hourMs, 2000),
  STALE_MS: wholeNumber(0, 24 * hourMs, 60_000),
  CACHE_MAX_MB: wholeNumber(1, 65_536, 64),
  ENVIAAI_RATE_PER_MINUTE: wholeNumber(1, maxInteger, 50),
  ENVIAAI_TIMEOUT_MS: wholeNumber(1, hourMs, 5000),
  REQUEST_TIMEOUT_MS: wholeNumber(1, hourMs, 10_000),
  CORS_ORIGINS: origins,
  GRAPHIQL: onOff,
  INTROSPECTION: onOff,
  MUTATIONS: onOff,
  MAX_WRITES: wholeNumber(1, 1000, 5),
  MAX_BODY_BYTES: wholeNumber(1, 256 * 1024 * 1024, 1024 * 1024),
  MAX_TOKENS: wholeNumber(1, 1_000_000, 5000),
  MAX_DEPTH: wholeNumber(1, 1000, 15),
  MAX_ALIASES: wholeNumber(1, 1_000_000, 100),
  MAX_DIRECTIVES: wholeNumber(0, 1_000_000, 50),
  MAX_IDS: wholeNumber(1, 1_000_000, 1000),
  MAX_FIELDS: wholeNumber(1, 100_000_000, 25_000),
  MAX_UPSTREAM_CALLS: wholeNumber(1, 1_000_000, 25),
  ASSUMED_INSTANCES: wholeNumber(1, 1_000_000, 1000),
  ...liveVariables.shape,
  ...webhookVariables.shape,
  SANDBOX_INSTANCES: wholeNumber(0, 1_000_000, 3),
  SANDBOX_RATE_PER_MINUTE: wholeNumber(1, maxInteger, 50),
  LOG_LEVEL: oneOf(logLevels).default('info'),
});

const checked = variables.refine(
  ({ FRESH_MS, STALE_MS }) => STALE_MS === 0 || FRESH_MS <= STALE_MS,
  { path: ['FRESH_MS'], message: 'must not be greater than STALE_MS, unless that is 0' },
);

const parts = [
  variables,
  ...authVariables(false).options,
  redisVariables,
  trustedVariables,
  traceVariables,
];

/** All variables that are read. A test compares them with `.env.example`. */
export const variableNames: readonly string[] = [
  ...new Set([
    ...parts.flatMap(({ shape }) => Object.keys(shape)),
    ...secretFileNames,
    ...proxyVariableNames,
  ]),
];

/** Parses the environment. Throws a {@link ConfigError} with all variables that are wrong. */
export function parseConfig(env: Env): Config {
  // An empty variable counts as absent: shells (`PORT= npm start`) and compose files set them.
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const read = checked.safeParse(present);
  const auth = authVariables(present['NODE_ENV'] === 'production').safeParse({
    AUTH: 'passthrough',
    ...present,
  });
  const redis = redisVariables.safeParse(present);
  const trusted = trustedVariables.safeParse(present);
  const traces = areTracesEnabled(present);
  const otel = (traces ? traceVariables : z.object({})).safeParse(present);
  if (read.success && auth.success && redis.success && trusted.success && otel.success) {
    const trustedDocuments = trustedDocumentsOf(trusted.data);
    const config = { ...configOf(read.data, authOf(auth.data)), ...redisOf(redis.data) };
    return { ...config, proxies: proxiesOf(config, present), trustedDocuments, traces };
  }
  throw new ConfigError(
    [read, auth, redis, trusted, otel].flatMap(({ error }) =>
      (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`),
    ),
  );
}

function configOf(
  read: z.infer<typeof variables>,
  auth: Auth,
): Omit<Config, keyof RedisConfig | 'proxies' | 'trustedDocuments' | 'traces'> {
  const production = read.NODE_ENV === 'production';
  return {
    production,
    listen: { host: read.HOST ?? (production ? '0.0.0.0' : '127.0.0.1'), port: read.PORT },
    pathPrefix: read.PATH_PREFIX,
    upstream: upstreamOf(read, production),
    auth,
    // With the other modes, everybody who can reach the server would change lines with its key.
    mutations: read.MUTATIONS ?? auth.kind === 'passthrough',
    allowedHosts: read.ALLOWED_HOSTS ?? [],
    callerRatePerMinute: read.CALLER_RATE_PER_MINUTE,
    trustProxy: read.TRUST_PROXY,
    ratePerMinute: read.ENVIAAI_RATE_PER_MINUTE,
    timeoutMs: read.ENVIAAI_TIMEOUT_MS,
    requestTimeoutMs: read.REQUEST_TIMEOUT_MS,
    freshMs: read.FRESH_MS,
    staleMs: read.STALE_MS,
    cacheMaxBytes: read.CACHE_MAX_MB * 1024 * 1024,
    limits: {
      bodyBytes: read.MAX_BODY_BYTES,
      tokens: read.MAX_TOKENS,
      depth: read.MAX_DEPTH,
      aliases: read.MAX_ALIASES,
      directives: read.MAX_DIRECTIVES,
      ids: read.MAX_IDS,
      writes: read.MAX_WRITES,
      fields: read.MAX_FIELDS,
      upstreamCalls: read.MAX_UPSTREAM_CALLS,
      assumedInstances: read.ASSUMED_INSTANCES,
    },
    live: liveOf(read),
    webhooks: webhooksOf(read),
    cors:
      read.CORS_ORIGINS === undefined && !production
        ? { kind: 'localhost' }
        : { kind: 'origins', origins: read.CORS_ORIGINS ?? [] },
    graphiql: read.GRAPHIQL ?? !production,
    introspection: read.INTROSPECTION ?? !production,
    logLevel: read.LOG_LEVEL,
  };
}

/** Throws a {@link ConfigError} for a proxy that would be used, and cannot be. */
function proxiesOf({ upstream, auth }: Pick<Config, 'upstream' | 'auth'>, env: Env): Proxies {
  const problems = new Set<string>();
  const proxyOf = (target: URL): URL | null => {
    const choice = proxyFor(target, env);
    if ('proxy' in choice) return choice.proxy;
    problems.add(choice.problem);
    return null;
  };
  const proxies = {
    upstream: upstream.kind === 'live' ? proxyOf(upstream.baseUrl) : null,
    jwks: auth.kind === 'jwt' ? proxyOf(auth.jwksUrl) : null,
  };
  if (problems.size > 0) throw new ConfigError([...problems]);
  return proxies;
}

function upstreamOf(read: z.infer<typeof variables>, production: boolean): Config['upstream'] {
  if (read.ENVIAAI_BASE_URL) return { kind: 'live', baseUrl: read.ENVIAAI_BASE_URL };
  if (production) return { kind: 'live', baseUrl: new URL('https://api.enviaai.app/v1') };
  return {
    kind: 'sandbox',
    instances: read.SANDBOX_INSTANCES,
    ratePerMinute: read.SANDBOX_RATE_PER_MINUTE,
  };
}
