import { z } from 'zod';
import { type Auth, authOf, authVariables } from './auth.ts';
import { baseUrl, oneOf, onOff, origins, redisUrl, whole } from './validators.ts';
import { traceVariables, wantsTraces } from './trace-variables.ts';
import {
  type TrustedDocuments,
  trustedDocumentsOf,
  trustedVariables,
} from './trusted-documents.ts';

/** Everything that differs between two deployments. Read once, in main.ts, and passed down. */
export interface Config {
  readonly production: boolean;
  readonly listen: { readonly host: string; readonly port: number };
  readonly upstream:
    | { readonly kind: 'sandbox'; readonly instances: number; readonly ratePerMinute: number }
    | { readonly kind: 'live'; readonly baseUrl: URL };
  /** Who may ask, and with which key the upstream is asked where callers bring none. */
  readonly auth: Auth;
  /** Operations of each caller who brings no key; 0: any number. */
  readonly callerRatePerMinute: number;
  /** How many proxies' `X-Forwarded-For` to believe. */
  readonly trustProxy: number;
  /** The callers' budget with the upstream until its first answer tells. */
  readonly ratePerMinute: number;
  /** One REST call. */
  readonly timeoutMs: number;
  /** One GraphQL operation, all waiting included. */
  readonly requestTimeoutMs: number;
  /** A row this young is served from memory; 0: none is. */
  readonly freshMs: number;
  /** How old a row may be served when no newer one can be had; 0: never. */
  readonly staleMs: number;
  readonly cacheMaxBytes: number;
  /** Where replicas share pages and budgets; null: there is one, and its memory does. */
  readonly redisUrl: URL | null;
  readonly limits: {
    readonly bodyBytes: number;
    readonly tokens: number;
    readonly depth: number;
    readonly aliases: number;
    readonly directives: number;
    readonly ids: number;
    readonly fields: number;
    readonly upstreamCalls: number;
    readonly assumedInstances: number;
  };
  /** The pages that browsers may call from: any on this machine, or exactly these. */
  readonly cors:
    | { readonly kind: 'localhost' }
    | { readonly kind: 'origins'; readonly origins: readonly string[] };
  readonly graphiql: boolean;
  readonly introspection: boolean;
  readonly trustedDocuments: TrustedDocuments;
  readonly logLevel: LogLevel;
  /** Whether operations are traced; where to, OpenTelemetry reads by itself. */
  readonly traces: boolean;
}

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export type Env = Readonly<Record<string, string | undefined>>;

/** What stops the start: one line for each thing wrong. No line quotes a value, for some are secrets. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

const anInteger = Number.MAX_SAFE_INTEGER;
const hour = 3_600_000;

const variables = z.object({
  NODE_ENV: oneOf(['development', 'test', 'production']).default('development'),
  PORT: whole(0, 65_535, 4000),
  HOST: z
    .string()
    .regex(/^[\w.:-]+$/, 'must be a host name or an IP address')
    .optional(),
  ENVIAAI_BASE_URL: baseUrl.optional(),
  CALLER_RATE_PER_MINUTE: whole(0, anInteger, 300),
  TRUST_PROXY: whole(0, 100, 0),
  FRESH_MS: whole(0, hour, 2000),
  STALE_MS: whole(0, 24 * hour, 60_000),
  CACHE_MAX_MB: whole(1, 65_536, 64),
  ENVIAAI_RATE_PER_MINUTE: whole(1, anInteger, 50),
  ENVIAAI_TIMEOUT_MS: whole(1, hour, 5000),
  REQUEST_TIMEOUT_MS: whole(1, hour, 10_000),
  REDIS_URL: redisUrl.optional(),
  CORS_ORIGINS: origins,
  GRAPHIQL: onOff,
  INTROSPECTION: onOff,
  MAX_BODY_BYTES: whole(1, 256 * 1024 * 1024, 1024 * 1024),
  MAX_TOKENS: whole(1, 1_000_000, 5000),
  MAX_DEPTH: whole(1, 1000, 15),
  MAX_ALIASES: whole(1, 1_000_000, 100),
  MAX_DIRECTIVES: whole(0, 1_000_000, 50),
  MAX_IDS: whole(1, 1_000_000, 1000),
  MAX_FIELDS: whole(1, 100_000_000, 25_000),
  MAX_UPSTREAM_CALLS: whole(1, 1_000_000, 25),
  ASSUMED_INSTANCES: whole(1, 1_000_000, 1000),
  SANDBOX_INSTANCES: whole(0, 1_000_000, 3),
  SANDBOX_RATE_PER_MINUTE: whole(1, anInteger, 50),
  LOG_LEVEL: oneOf(logLevels).default('info'),
});

/** Every variable that is read; `.env.example` explains the same ones. */
export const variableNames: readonly string[] = [
  ...new Set(
    [variables, ...authVariables(false).options, trustedVariables, traceVariables].flatMap(
      ({ shape }) => Object.keys(shape),
    ),
  ),
];

/** Reads the environment, or throws one {@link ConfigError} that names every variable that is wrong. */
export function parseConfig(env: Env): Config {
  // An empty variable counts as absent: `PORT= npm start` and compose files both make them.
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const read = variables.safeParse(present);
  const auth = authVariables(present['NODE_ENV'] === 'production').safeParse({
    AUTH: 'passthrough',
    ...present,
  });
  const trusted = trustedVariables.safeParse(present);
  const traces = wantsTraces(present);
  const otel = (traces ? traceVariables : z.object({})).safeParse(present);
  if (read.success && auth.success && trusted.success && otel.success) {
    const trustedDocuments = trustedDocumentsOf(trusted.data);
    return { ...configOf(read.data, authOf(auth.data)), trustedDocuments, traces };
  }
  throw new ConfigError(
    [read, auth, trusted, otel].flatMap(({ error }) =>
      (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`),
    ),
  );
}

function configOf(
  read: z.infer<typeof variables>,
  auth: Auth,
): Omit<Config, 'trustedDocuments' | 'traces'> {
  const production = read.NODE_ENV === 'production';
  return {
    production,
    listen: { host: read.HOST ?? (production ? '0.0.0.0' : '127.0.0.1'), port: read.PORT },
    upstream: upstreamOf(read, production),
    auth,
    callerRatePerMinute: read.CALLER_RATE_PER_MINUTE,
    trustProxy: read.TRUST_PROXY,
    ratePerMinute: read.ENVIAAI_RATE_PER_MINUTE,
    timeoutMs: read.ENVIAAI_TIMEOUT_MS,
    requestTimeoutMs: read.REQUEST_TIMEOUT_MS,
    freshMs: read.FRESH_MS,
    staleMs: read.STALE_MS,
    cacheMaxBytes: read.CACHE_MAX_MB * 1024 * 1024,
    redisUrl: read.REDIS_URL ?? null,
    limits: {
      bodyBytes: read.MAX_BODY_BYTES,
      tokens: read.MAX_TOKENS,
      depth: read.MAX_DEPTH,
      aliases: read.MAX_ALIASES,
      directives: read.MAX_DIRECTIVES,
      ids: read.MAX_IDS,
      fields: read.MAX_FIELDS,
      upstreamCalls: read.MAX_UPSTREAM_CALLS,
      assumedInstances: read.ASSUMED_INSTANCES,
    },
    cors:
      read.CORS_ORIGINS === undefined && !production
        ? { kind: 'localhost' }
        : { kind: 'origins', origins: read.CORS_ORIGINS ?? [] },
    graphiql: read.GRAPHIQL ?? !production,
    introspection: read.INTROSPECTION ?? !production,
    logLevel: read.LOG_LEVEL,
  };
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
