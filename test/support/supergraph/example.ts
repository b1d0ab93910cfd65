import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';

const { NODE_COMPILE_CACHE = '' } = process.env;

export interface Example {
  readonly child: ChildProcess;
  /** Its next line on standard output; undefined when it has ended. */
  readonly line: () => Promise<string | undefined>;
  /** Its exit code, when it has ended. */
  readonly ended: Promise<number | null>;
  /** Ends it at once, if it has not. */
  readonly kill: () => Promise<void>;
}

/** One of the examples as `npm run` starts it, with nothing in its environment but this. */
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
