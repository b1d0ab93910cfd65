import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import type { Account } from './sandbox.ts';
import type { Figures, Question, Role, Settings } from './serve.ts';

/** One server, in a process of its own so that its CPU time is only its own. */
export interface Served {
  readonly url: string;
  figures(): Promise<Figures>;
  /** Its figures right after a garbage collection. */
  collected(): Promise<Figures>;
  /** Of a sandbox. */
  prepare(accounts: readonly Account[]): Promise<void>;
  /** Writes a CPU profile of what happens while `run` does. */
  profiled(file: string, run: () => Promise<void>): Promise<void>;
}

/** The processes of one part of the benchmark. */
export interface Fleet {
  start<R extends Role>(role: R, settings: Settings[R]): Promise<Served>;
  stop(): Promise<void>;
}

/** All that run, so that none is left when the benchmark is ended. */
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
      const child = fork(join(import.meta.dirname, 'serve.ts'), [role, JSON.stringify(settings)], {
        execArgv: ['--expose-gc'],
        env: { ...process.env, NODE_ENV: 'production' },
      });
      children.push(child);
      track(child);
      const { url } = await next<{ readonly url: string }>(child);
      return servedBy(child, url);
    },
    async stop() {
      await Promise.all(children.map(ended));
    },
  };
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.disconnect();
  });
}

function servedBy(child: ChildProcess, url: string): Served {
  const ask = (question: Question): Promise<Figures> => {
    const answer = next<Figures>(child);
    child.send(question);
    return answer;
  };
  return {
    url,
    figures: () => ask({ figures: true }),
    collected: () => ask({ collect: true }),
    prepare: async (accounts) => void (await ask({ accounts })),
    async profiled(file, run) {
      await ask({ profileTo: file });
      await run();
      await ask({ profileTo: file });
    },
  };
}

function next<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const lost = () => reject(new Error('A server of the benchmark ended'));
    child.once('exit', lost);
    child.once('message', (message) => {
      child.off('exit', lost);
      resolve(message as T);
    });
  });
}
