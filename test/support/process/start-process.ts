import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

export interface StartedProcess {
  readonly child: ChildProcess;
  /** Everything it wrote to standard error. Resolves when the process has exited. */
  readonly stderr: Promise<string>;
  /** Resolves when the process has exited. */
  readonly exitCode: Promise<number | null>;
  /** The first line on standard output that contains this text. */
  readonly line: (part: string) => Promise<string>;
}

const { NODE_COMPILE_CACHE = '' } = process.env;

export interface ProcessOptions {
  /** Runs in a new process group, so that its child processes can be signalled too. */
  readonly command?: readonly [string, ...string[]];
  /** The working directory. By default, the current one. */
  readonly folder?: string;
}

/** The server as a process with this environment only. It is killed at the end of the test. */
export function startProcess(
  env: Readonly<Record<string, string>> = {},
  { command, folder }: ProcessOptions = {},
): StartedProcess {
  const [file, ...args] = command ?? [process.execPath, 'src/main.ts'];
  const child = spawn(file, args, {
    env: { PORT: '0', NODE_COMPILE_CACHE, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: command !== undefined,
    ...(folder !== undefined && { cwd: folder }),
  });
  const exitCode = once(child, 'exit').then(([code]) => code as number | null);
  onTestFinished(async () => {
    killGroup(child, 'SIGKILL');
    child.kill('SIGKILL');
    await exitCode;
  });

  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const output = createInterface({ input: child.stdout });
  output.on('line', (line) => {
    lines.push(line);
    for (const check of waiting) check();
  });
  // The child processes of npm may still write after npm has exited.
  const closed = once(output, 'close');

  return {
    child,
    stderr: text(child.stderr),
    exitCode,
    line: (part) =>
      new Promise((resolve, reject) => {
        const check = () => {
          const found = lines.find((line) => line.includes(part));
          if (found === undefined) return;
          waiting.delete(check);
          resolve(found);
        };
        waiting.add(check);
        void closed.then(() => reject(new Error(`The process exited without the line ${part}`)));
        check();
      }),
  };
}

/** Signals a process group, as a terminal does. False: no process of the group is left. */
export function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  try {
    return pid !== undefined && process.kill(-pid, signal);
  } catch {
    return false;
  }
}

/** The URL of the endpoint, from the start line. */
export async function urlOf({ line }: StartedProcess): Promise<string> {
  const { msg } = JSON.parse(await line('Serving ')) as { msg: string };
  return /http:\S+/.exec(msg)?.[0] ?? '';
}
