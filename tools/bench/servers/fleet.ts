import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { Command, Figures, Role, Settings } from './messages.ts';
import type { Account, Change } from './sandbox.ts';
import type { Arrivals, ExpectedChange, Subscription } from './subscribers.ts';
import type { UpstreamCall } from './vendor.ts';

/** One server in a separate process, so that its CPU time can be measured alone. */
export interface ServerProcess {
  readonly url: string;
  figures(): Promise<Figures>;
  /** Figures right after a garbage collection. */
  collected(): Promise<Figures>;
  /** Prepares accounts; only for a sandbox. */
  prepare(accounts: readonly Account[]): Promise<void>;
  /** The time until a call is answered, from now on; only for a vendor. */
  setLatency(latencyMs: number): Promise<void>;
  /** The calls since the last time; only for a vendor. */
  takeCalls(): Promise<readonly UpstreamCall[]>;
  /** Changes a row; only for a sandbox or a vendor. */
  change(change: Change): Promise<void>;
  /** Writes to all open responses; only for `openResponses`. */
  broadcast(text: string): Promise<void>;
  /** Opens streams; only for subscribers, as the next two. */
  subscribe(subscription: Subscription): Promise<void>;
  expect(change: ExpectedChange): Promise<void>;
  takeArrivals(): Promise<Arrivals>;
  /** Writes a CPU profile of the process for the duration of `run`. */
  profiled(file: string, run: () => Promise<void>): Promise<void>;
}

/** The processes of one part of the benchmark. */
export interface Fleet {
  start<R extends Role>(role: R, settings: Settings[R]): Promise<ServerProcess>;
  stop(): Promise<void>;
}

/** All processes, so that `stopAll` leaves none behind. */
const running = new Set<ChildProcess>();

export function track(child: ChildProcess): void {
  running.add(child);
  child.once('exit', () => running.delete(child));
}

export function stopAll(): void {
  for (const child of running) child.kill();
}

export function createFleet(): Fleet {
  const children: ChildProcess[] = [];
  return {
    async start(role, settings) {
      const child = spawnServer([role, JSON.stringify(settings)]);
      children.push(child);
      track(child);
      const { url } = await nextMessage<{ readonly url: string }>(child);
      return serverProcessOf(child, url);
    },
    async stop() {
      await Promise.all(children.map(stopped));
    },
  };
}

/** Standard output, and with it the log, goes to a file that is deleted when the process exits. */
function spawnServer(args: readonly string[]): ChildProcess {
  const folder = mkdtempSync(join(tmpdir(), 'enviaai-bench-'));
  const output = openSync(join(folder, 'output.log'), 'w');
  const child = fork(join(import.meta.dirname, 'serve.ts'), args, {
    execArgv: ['--expose-gc'],
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', output, 'inherit', 'ipc'],
  });
  closeSync(output);
  // The process keeps its open file; without a name, the file goes with the process.
  rmSync(folder, { recursive: true });
  return child;
}

function stopped(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.disconnect();
  });
}

function serverProcessOf(child: ChildProcess, url: string): ServerProcess {
  const send = <T = Figures>(command: Command): Promise<T> => {
    const reply = nextMessage<T>(child);
    child.send(command);
    return reply;
  };
  return {
    url,
    figures: () => send({ figures: true }),
    collected: () => send({ collect: true }),
    prepare: async (accounts) => void (await send({ accounts })),
    setLatency: async (latencyMs) => void (await send({ latencyMs })),
    takeCalls: () => send<readonly UpstreamCall[]>({ takeCalls: true }),
    change: async (change) => void (await send({ change })),
    broadcast: async (text) => void (await send({ broadcast: text })),
    subscribe: async (subscription) => void (await send({ subscribe: subscription })),
    expect: async (change) => void (await send({ expect: change })),
    takeArrivals: () => send<Arrivals>({ takeArrivals: true }),
    async profiled(file, run) {
      await send({ profileTo: file });
      await run();
      await send({ profileTo: file });
    },
  };
}

function nextMessage<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const onExit = () => reject(new Error('A server of the benchmark exited'));
    child.once('exit', onExit);
    child.once('message', (message) => {
      child.off('exit', onExit);
      resolve(message as T);
    });
  });
}
