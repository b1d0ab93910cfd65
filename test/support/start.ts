import type { GraphQLSchema } from 'graphql';
import { onTestFinished } from 'vitest';
import { createApp } from '#src/app.ts';
import { type Env, parseConfig } from '#src/config/config.ts';
import type { Clock } from '#src/domain/clock.ts';
import { type Sandbox, startSandbox } from '#src/sandbox/sandbox.ts';
import { createLog } from '#src/telemetry/log.ts';
import { subgraphSchema } from '#test/support/schema/subgraph-schema.ts';

export interface StartOptions {
  /** Environment variables; all others have their defaults. */
  readonly env?: Env;
  /** Rows in the sandbox. */
  readonly instances?: number;
  readonly ratePerMinute?: number;
  /** URL of the upstream; default: the sandbox. */
  readonly upstream?: string;
  readonly clock?: Clock;
  /** 0 to 1. */
  readonly random?: () => number;
  /** The graph. By default, the one that all servers of a test process share. */
  readonly schema?: GraphQLSchema;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // Each test states the shape it expects.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly data: any;
  readonly errors:
    | { message: string; path?: (string | number)[]; extensions: Record<string, unknown> }[]
    | undefined;
  readonly extensions:
    | { enviaai?: { calls: number; asOf: string | null; stale: boolean; remaining: number | null } }
    | undefined;
  readonly text: string;
}

export interface Started {
  readonly url: string;
  readonly sandbox: Sandbox;
  /** Sends a POST request, with the key "test" unless the headers have another. */
  query(document: string, variables?: object, headers?: Record<string, string>): Promise<Answer>;
  /**
   * What the sandbox was called for with a key so far: `GET
   * /instances?status=all&limit=100&offset=0`.
   */
  calls(key?: string): string[];
  readonly log: string[];
  close(): Promise<void>;
}

/** Starts the whole server with a sandbox, both on free ports. They close after the test. */
export async function start(options: StartOptions = {}): Promise<Started> {
  const { instances = 3, ratePerMinute = 1000, env = {}, clock } = options;
  const sandbox = await startSandbox({
    instances,
    ratePerMinute,
    ...(clock && { now: clock.now, setTimer: clock.setTimer }),
  });
  const config = parseConfig({
    ENVIAAI_BASE_URL: options.upstream ?? sandbox.url,
    PORT: '0',
    LOG_LEVEL: 'debug',
    ...env,
  });
  const lines: string[] = [];
  const log = await createLog({
    level: config.logLevel,
    pretty: false,
    destination: { write: (line) => void lines.push(line) },
  });
  const app = await createApp(config, {
    log,
    schema: options.schema ?? subgraphSchema,
    // Retries without the waits of the backoff.
    pause: async () => {},
    ...(clock && { clock }),
    ...(options.random && { random: options.random }),
  });
  const { url } = await app.listen();
  let closed: Promise<void> | undefined;
  const close = () => (closed ??= app.close().then(() => sandbox.close()));
  onTestFinished(close);

  return {
    url,
    sandbox,
    log: lines,
    close,
    calls: (key = 'test') => sandbox.control.calls({ key }).calls.map(({ call }) => call),
    async query(query, variables = {}, headers = {}) {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: 'Bearer test',
          ...headers,
        },
        body: JSON.stringify({ query, variables }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, ...JSON.parse(text) };
    },
  };
}
