import { subscribe } from 'node:diagnostics_channel';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import { getHeapSpaceStatistics } from 'node:v8';
import { sharedNow } from '#tools/bench/shared-clock.ts';
import { startProfile } from './profiler.ts';
import type { Command, Figures, Role, Settings } from './messages.ts';
import type { Account, Change } from './sandbox.ts';
import type { Subscribers } from './subscribers.ts';
import type { StartedVendor } from './vendor.ts';

let requests = 0;
subscribe('http.server.request.start', () => {
  requests += 1;
});

let prepare: (account: Account) => void = () => {};
let change: (change: Change) => void = () => {};
let broadcast: (text: string) => void = () => {};
let subscribers: Subscribers | undefined;
let vendor: StartedVendor | undefined;

// Imported on demand, so that a process loads only the code of its role.
const starts: { readonly [R in Role]: (settings: Settings[R]) => Promise<string> } = {
  async sandbox(settings) {
    const { startBenchSandbox } = await import('./sandbox.ts');
    const sandbox = await startBenchSandbox(settings);
    prepare = (account) => sandbox.prepare(account);
    change = (changed) => sandbox.change(changed);
    return sandbox.url;
  },
  async vendor(settings) {
    const { startVendor } = await import('./vendor.ts');
    vendor = await startVendor(settings);
    prepare = (account) => vendor?.prepare(account);
    change = (changed) => vendor?.change(changed);
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
  async openResponses({ firstEvent }) {
    const { createOpenResponses } = await import('./baselines/open-responses.ts');
    const responses = createOpenResponses(firstEvent);
    broadcast = (text) => responses.broadcast(text);
    return listen(responses.server, '/graphql');
  },
  async subscribers() {
    const { createSubscribers } = await import('./subscribers.ts');
    subscribers = createSubscribers(sharedNow);
    return '';
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

async function execute(command: Command): Promise<unknown> {
  if ('accounts' in command) for (const account of command.accounts) prepare(account);
  if ('latencyMs' in command) vendor?.setLatency(command.latencyMs);
  if ('collect' in command) globalThis.gc?.();
  if ('profileTo' in command) {
    if (stopProfile) await stopProfile();
    stopProfile = stopProfile ? undefined : await startProfile(command.profileTo);
  }
  if ('change' in command) change(command.change);
  if ('broadcast' in command) broadcast(command.broadcast);
  if ('subscribe' in command) await subscribers?.open(command.subscribe);
  if ('expect' in command) subscribers?.expect(command.expect);
  if ('takeCalls' in command) return vendor?.takeCalls() ?? [];
  return 'takeArrivals' in command ? subscribers?.takeArrivals() : figures();
}

function figures(): Figures {
  const { user, system } = process.cpuUsage();
  const young = getHeapSpaceStatistics().filter(({ space_name: name }) => name.startsWith('new_'));
  const youngBytes = young.reduce((sum, space) => sum + space.physical_space_size, 0);
  return {
    cpuMs: (user + system) / 1000,
    requests,
    rssMb: process.memoryUsage.rss() / 1024 / 1024,
    youngMb: youngBytes / 1024 / 1024,
  };
}

async function reply(command: Command): Promise<void> {
  process.send?.(await execute(command));
}

process.on('message', (command: Command) => void reply(command));
process.on('disconnect', () => process.exit(0));

const [, , role = '', settings = '{}'] = process.argv;
const start = new Map<string, (settings: never) => Promise<string>>(Object.entries(starts)).get(
  role,
);
if (!start) throw new Error(`Unknown role ${role}`);
process.send?.({ url: await start(JSON.parse(settings) as never) });
