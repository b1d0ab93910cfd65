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

/** The server as a process of its own, with nothing in its environment but this; gone when the test is. */
export function startProcess(env: Readonly<Record<string, string>> = {}): Started {
  const child = spawn(process.execPath, ['src/main.ts'], {
    env: { PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });

  const lines: string[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    for (const look of waiting) look();
  });

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
        void ended.then(() => reject(new Error(`It ended without a line with ${part}`)));
        look();
      }),
  };
}

/** Where it serves, once it does. */
export async function urlOf({ line }: Started): Promise<string> {
  const { msg } = JSON.parse(await line('Serving ')) as { msg: string };
  return /http:\S+/.exec(msg)?.[0] ?? '';
}
