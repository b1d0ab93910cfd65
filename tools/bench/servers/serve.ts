import { subscribe } from 'node:diagnostics_channel';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import { startProfile } from './profiler.ts';
import type { Command, Figures, Role, Settings } from './messages.ts';
import type { Account } from './sandbox.ts';
import type { StartedVendor } from './vendor.ts';

let requests = 0;
subscribe('http.server.request.start', () => {
  requests += 1;
});

let prepare: (account: Account) => void = () => {};
let vendor: StartedVendor | undefined;

// Imported on demand, so that a process loads only the code of its role.
const starts: { readonly [R in Role]: (settings: Settings[R]) => Promise<string> } = {
  async sandbox(settings) {
    const { startBenchSandbox } = await import('./sandbox.ts');
    const sandbox = await startBenchSandbox(settings);
    prepare = (account) => sandbox.prepare(account);
    return sandbox.url;
  },
  async vendor(settings) {
    const { startVendor } = await import('./vendor.ts');
    vendor = await startVendor(settings);
    prepare = (account) => vendor?.prepare(account);
    return vendor.url;
  },
  async proxy({ upstream }) {
    const { createProxy } = await import('./baselines/proxy.ts');
    return listen(createProxy(upstream), '');
  },
  async usual({ upstream }) {
    const { createUsualServer } = await import('./baselines/usual.ts');
    return listen(createUsualServer(upstream), '/graphql');
  },
  async mercurius({ upstream }) {
    const { createMercuriusServer } = await import('./baselines/mercurius.ts');
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

async function execute(command: Command): Promise<void> {
  if ('accounts' in command) for (const account of command.accounts) prepare(account);
  if ('latencyMs' in command) vendor?.setLatency(command.latencyMs);
  if ('collect' in command) globalThis.gc?.();
  if ('profileTo' in command) {
    if (stopProfile) await stopProfile();
    stopProfile = stopProfile ? undefined : await startProfile(command.profileTo);
  }
  process.send?.('takeCalls' in command ? (vendor?.takeCalls() ?? []) : figures());
}

function figures(): Figures {
  const { user, system } = process.cpuUsage();
  const rssMb = process.memoryUsage.rss() / 1024 / 1024;
  return { cpuMs: (user + system) / 1000, requests, rssMb };
}

process.on('message', (command: Command) => void execute(command));
process.on('disconnect', () => process.exit(0));

const [, , role = '', settings = '{}'] = process.argv;
const start = new Map<string, (settings: never) => Promise<string>>(Object.entries(starts)).get(
  role,
);
if (!start) throw new Error(`Unknown role ${role}`);
process.send?.({ url: await start(JSON.parse(settings) as never) });
