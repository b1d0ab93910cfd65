import { onTestFinished } from 'vitest';
import { createApp } from '#src/app.ts';
import { parseConfig } from '#src/config/config.ts';
import type { Sandbox } from '#src/sandbox/sandbox.ts';
import { createLog } from '#src/telemetry/log.ts';
import type { TestClock } from '#test/support/clock.ts';
import { subgraphSchema } from '#test/support/schema/subgraph-schema.ts';

export interface RestartableOptions {
  readonly sandbox: Sandbox;
  readonly clock: TestClock;
  readonly random: () => number;
}

/** A server that stops, and starts again at the same address with nothing in memory. */
export async function startRestartable({ sandbox, clock, random }: RestartableOptions) {
  const log = await createLog({ level: 'silent', pretty: false, destination: { write() {} } });

  async function start(port: string) {
    const config = parseConfig({ ENVIAAI_BASE_URL: sandbox.url, PORT: port });
    const parts = { log, clock, random, schema: subgraphSchema, pause: async () => {} };
    const app = await createApp(config, parts);
    const { url } = await app.listen();
    return { url, close: app.close };
  }
  let running: Awaited<ReturnType<typeof start>> | null = await start('0');
  const { url } = running;
  async function stop(): Promise<void> {
    const stopping = running;
    running = null;
    await stopping?.close();
  }
  onTestFinished(stop);
  return {
    url,
    stop,
    start: async () => void (running ??= await start(new URL(url).port)),
  };
}
