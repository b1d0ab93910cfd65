import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

export interface Started {
  readonly child: ChildProcess;
  /** All it said on standard error, when it has ended. */
  readonly complaints: Promise<string>;
  /** Its exit code, when it has ended. */
  readonly ended: Promise<number | null>;
  /** The first line of its log that has this in it. */
  readonly line: (part: string) => Promise<string>;
}

const { NODE_COMPILE_CACHE = '' } = process.env;

export interface How {
  /** Run in a process group of its own, so that all that it starts can be reached. */
  readonly command?: readonly [string, ...string[]];
  /** The folder it is started in; this one unless said. */
  readonly folder?: string;
}

/** The server as processes of their own, with nothing in their environment but this; gone when the test is. */
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
  // What npm started may still write when npm has ended.
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
        void silent.then(() => reject(new Error(`It ended without a line with ${part}`)));
        look();
      }),
  };
}

/** Sends a signal to it and all that it started, as a terminal does; false: there is nobody left. */
export function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  try {
    return pid !== undefined && process.kill(-pid, signal);
  } catch {
    return false;
  }
}

/** Where it serves, once it does. */
export async function urlOf({ line }: Started): Promise<string> {
  const { msg } = JSON.parse(await line('Serving ')) as { msg: string };
  return /http:\S+/.exec(msg)?.[0] ?? '';
}
