import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

export interface Started {
  readonly child: ChildProcess;
  /** Resolves with its standard error when it has exited. */
  readonly complaints: Promise<string>;
  /** Resolves with its exit code when it has exited. */
  readonly ended: Promise<number | null>;
  /** Resolves with the first line of its log that contains `part`. */
  readonly line: (part: string) => Promise<string>;
}

const { NODE_COMPILE_CACHE = '' } = process.env;

export interface How {
  /** Runs in a new process group, so that signals reach all processes that it starts. */
  readonly command?: readonly [string, ...string[]];
  /** Working directory; default: that of the tests. */
  readonly folder?: string;
}

/** Starts the server as a process with this environment only. It is killed after the test. */
export function startProcess(
  env: Readonly<Record<string, string>> = {},
  { command, folder }: How = {},
): Started {
  const [file, ...args] = command ?? [process.execPath, 'src/main.ts'];
  const child = spawn(file, args, {
    env: { PORT: '0', NODE_COMPILE_CACHE, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: command !== undefined,
    ...(folder !== undefined && { cwd: folder }),
  });
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  onTestFinished(async () => {
    killGroup(child, 'SIGKILL');
    child.kill('SIGKILL');
    await ended;
  });

  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const output = createInterface({ input: child.stdout });
  output.on('line', (line) => {
    lines.push(line);
    for (const look of waiting) look();
  });
  // The processes that npm started may still write after npm has exited.
  const silent = once(output, 'close');

  return {
    child,
    complaints: text(child.stderr),
    ended,
    line: (part) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = lines.find((line) => line.includes(part));
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        void silent.then(() => reject(new Error(`It exited without a line that contains ${part}`)));
        look();
      }),
  };
}

/** Sends a signal to the process group, as a terminal does. False: no process is left. */
export function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  try {
    return pid !== undefined && process.kill(-pid, signal);
  } catch {
    return false;
  }
}

/** Resolves with the URL of the server when it is ready. */
export async function urlOf({ line }: Started): Promise<string> {
  const { msg } = JSON.parse(await line('Serving ')) as { msg: string };
  return /http:\S+/.exec(msg)?.[0] ?? '';
}
