import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';

const { NODE_COMPILE_CACHE = '' } = process.env;

export interface Example {
  readonly child: ChildProcess;
  /** Resolves with its next line on standard output; undefined: it has exited. */
  readonly line: () => Promise<string | undefined>;
  /** Resolves with its exit code when it has exited. */
  readonly ended: Promise<number | null>;
  /** Kills it, if it has not exited. */
  readonly kill: () => Promise<void>;
}

/** Starts an example as `npm run` does, with this environment only. */
export function startExample(name: string, env: Readonly<Record<string, string>> = {}): Example {
  const child = spawn(process.execPath, [`examples/${name}/main.ts`], {
    env: { PORT: '0', NODE_COMPILE_CACHE, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    ended,
    line: async () => (await lines.next()).value,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
