import { subscribe } from 'node:diagnostics_channel';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import { createApp } from '#src/app.ts';
import { parseConfig } from '#src/config.ts';
import { startSandbox } from '#src/sandbox/sandbox.ts';
import { createLog } from '#src/telemetry/log.ts';
import { createUsualServer } from './usual/server.ts';

/** What this process is asked over its channel, and answers. */
export interface Figures {
  readonly cpuMs: number;
  /** HTTP requests that arrived. */
  readonly requests: number;
}

export type Question = { readonly grow: string; readonly by: number } | 'figures';

export const roles = ['sandbox', 'ours', 'usual'] as const;
export type Role = (typeof roles)[number];

const [, , role = '', upstream = ''] = process.argv;

let requests = 0;
subscribe('http.server.request.start', () => {
  requests += 1;
});

const starts: Readonly<Record<string, () => Promise<string>>> = {
  async sandbox() {
    const { instances, ratePerMinute } = { instances: 200, ratePerMinute: Number(upstream) };
    const sandbox = await startSandbox({ instances, ratePerMinute });
    process.on('message', (question: Question) => {
      if (question === 'figures') return;
      sandbox.control.add({ key: question.grow, count: question.by });
      process.send?.({ grown: question.grow });
    });
    return sandbox.url;
  },
  async ours() {
    const config = parseConfig({
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: '0',
      ENVIAAI_BASE_URL: upstream,
    });
    // The usual server writes no log either.
    const app = await createApp(config, {
      log: await createLog({ level: 'silent', pretty: false }),
    });
    return (await app.listen()).url;
  },
  async usual() {
    const server = createUsualServer(upstream);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
  },
};

process.on('message', (question: Question) => {
  if (question !== 'figures') return;
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuMs: (user + system) / 1000, requests } satisfies Figures);
});
process.on('disconnect', () => process.exit(0));

const start = starts[role];
if (!start) throw new Error(`There is no ${role} to serve`);
process.send?.({ url: await start() });
