import { onTestFinished } from 'vitest';
import { createApp } from '#src/app.ts';
import { type Env, parseConfig } from '#src/config/config.ts';
import type { Clock } from '#src/domain/clock.ts';
import { type Sandbox, startSandbox } from '#src/sandbox/sandbox.ts';
import { createLog } from '#src/telemetry/log.ts';
import { subgraphSchema } from '#test/support/schema/subgraph-schema.ts';
import type { Answer } from '#test/support/start.ts';

export interface ReplicasOptions {
  readonly redis: URL;
  /** One for each replica; they share the first one's time, and Redis's where there is none. */
  readonly clocks?: readonly Clock[];
  readonly sharedNow?: () => number;
  readonly count?: number;
  readonly env?: Env;
  readonly instances?: number;
  readonly ratePerMinute?: number;
}

export interface Replica {
  readonly url: string;
  readonly log: readonly string[];
  query(document: string, variables?: object, headers?: Record<string, string>): Promise<Answer>;
  get(path: string): Promise<string>;
  readiness(): Promise<{ status: string; store: string }>;
  figure(name: string): Promise<number | undefined>;
}

export interface Replicas {
  readonly sandbox: Sandbox;
  readonly all: readonly Replica[];
  /** What the sandbox was called for so far. */
  readonly calls: (key?: string) => string[];
  /** How often it answered 429. */
  readonly refusals: () => Promise<number>;
}

/** Some servers over one sandbox, that share one Redis; they end with the test. */
export async function startReplicas(options: ReplicasOptions): Promise<Replicas> {
  const { clocks = [], sharedNow, count = 3, instances = 3, ratePerMinute = 50 } = options;
  const [first] = clocks;
  const sandbox = await startSandbox({
    instances,
    ratePerMinute,
    ...(first && { now: first.now }),
  });
  onTestFinished(() => sandbox.close());
  const all = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      startReplica({ ...options, sandbox, clock: clocks[index] ?? first, sharedNow }),
    ),
  );
  return {
    sandbox,
    all,
    calls: (key = 'test') => sandbox.control.calls({ key }).calls.map(({ call }) => call),
    async refusals() {
      const outcomes = ['list', 'get'].map(
        (kind) => `enviaai_upstream_calls_total{kind="${kind}",outcome="rate-limited"}`,
      );
      const figures = all.flatMap((replica) => outcomes.map((name) => replica.figure(name)));
      return (await Promise.all(figures)).reduce<number>((sum, figure) => sum + (figure ?? 0), 0);
    },
  };
}

interface ReplicaOptions {
  readonly redis: URL;
  readonly sandbox: Sandbox;
  readonly clock: Clock | undefined;
  readonly sharedNow: (() => number) | undefined;
  readonly env?: Env;
}

async function startReplica(options: ReplicaOptions): Promise<Replica> {
  const { redis, sandbox, clock, sharedNow, env = {} } = options;
  const config = parseConfig({
    ENVIAAI_BASE_URL: sandbox.url,
    REDIS_URL: redis.href,
    PORT: '0',
    LOG_LEVEL: 'info',
    ...env,
  });
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const log = await createLog({ level: config.logLevel, pretty: false, destination });
  const app = await createApp(config, {
    log,
    schema: subgraphSchema,
    ...(clock && { clock }),
    ...(sharedNow && { sharedNow }),
  });
  const { url } = await app.listen();
  onTestFinished(() => app.close());
  const get = async (path: string) => (await fetch(new URL(path, url))).text();

  return {
    url,
    log: lines,
    get,
    readiness: async () => JSON.parse(await get('/readyz')),
    async figure(name) {
      const line = (await get('/metrics')).split('\n').find((line) => line.startsWith(`${name} `));
      return line === undefined ? undefined : Number(line.slice(name.length + 1));
    },
    async query(query, variables = {}, headers = {}) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer test', ...headers },
        body: JSON.stringify({ query, variables }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, ...JSON.parse(text) };
    },
  };
}
