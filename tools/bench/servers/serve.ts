import { subscribe } from 'node:diagnostics_channel';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import type { Env } from '#src/config/config.ts';
import { startProfile } from './profiler.ts';
import type { Account, SandboxSettings } from './sandbox.ts';

/** What each kind of process is started with. */
export interface Settings {
  readonly sandbox: SandboxSettings;
  readonly proxy: { readonly upstream: string };
  readonly usual: { readonly upstream: string };
  readonly mercurius: { readonly upstream: string };
  readonly ours: Env;
}

export type Role = keyof Settings;

/** What a process is asked over its channel; it answers each with its figures. */
export type Question =
  | { readonly accounts: readonly Account[] }
  | { readonly collect: true }
  | { readonly profileTo: string }
  | { readonly figures: true };

export interface Figures {
  /** User and system, since it began. */
  readonly cpuMs: number;
  /** HTTP requests that arrived. */
  readonly requests: number;
  readonly rssMb: number;
}

let requests = 0;
subscribe('http.server.request.start', () => {
  requests += 1;
});

let prepare: (account: Account) => void = () => {};

// Loaded by name, so that a process holds nothing of the others.
const starts: { readonly [R in Role]: (settings: Settings[R]) => Promise<string> } = {
  async sandbox(settings) {
    const { startBenchSandbox } = await import('./sandbox.ts');
    const sandbox = await startBenchSandbox(settings);
    prepare = (account) => sandbox.prepare(account);
    return sandbox.url;
  },
  async proxy({ upstream }) {
    const { createProxy } = await import('./rivals/proxy.ts');
    return listen(createProxy(upstream), '');
  },
  async usual({ upstream }) {
    const { createUsualServer } = await import('./rivals/usual.ts');
    return listen(createUsualServer(upstream), '/graphql');
  },
  async mercurius({ upstream }) {
    const { createMercuriusServer } = await import('./rivals/mercurius.ts');
    return `${await (await createMercuriusServer(upstream)).listen({ host: '127.0.0.1', port: 0 })}/graphql`;
  },
  async ours(env) {
    const { startOurs } = await import('./ours.ts');
    return startOurs(env);
  },
};

async function listen(server: Server, path: string): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
}

let stopProfile: (() => Promise<void>) | undefined;

async function obey(question: Question): Promise<void> {
  if ('accounts' in question) for (const account of question.accounts) prepare(account);
  if ('collect' in question) globalThis.gc?.();
  if ('profileTo' in question) {
    if (stopProfile) await stopProfile();
    stopProfile = stopProfile ? undefined : await startProfile(question.profileTo);
  }
  process.send?.(figures());
}

function figures(): Figures {
  const { user, system } = process.cpuUsage();
  const rssMb = process.memoryUsage.rss() / 1024 / 1024;
  return { cpuMs: (user + system) / 1000, requests, rssMb };
}

process.on('message', (question: Question) => void obey(question));
process.on('disconnect', () => process.exit(0));

const [, , role = '', settings = '{}'] = process.argv;
const start = new Map<string, (settings: never) => Promise<string>>(Object.entries(starts)).get(
  role,
);
if (!start) throw new Error(`There is no ${role} to serve`);
process.send?.({ url: await start(JSON.parse(settings) as never) });
