import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Figures, Question, Role } from './serve.ts';

/** One of the servers, in a process of its own so that its CPU time is only its own. */
export interface Served {
  readonly url: string;
  figures(): Promise<Figures>;
  grow(key: string, by: number): Promise<void>;
  stop(): void;
}

export async function serve(role: Role, argument: string): Promise<Served> {
  const child = fork(join(import.meta.dirname, 'serve.ts'), [role, argument]);
  const ask = async <T>(question: Question): Promise<T> => {
    const answer = next<T>(child);
    child.send(question);
    return answer;
  };
  const { url } = await next<{ url: string }>(child);
  return {
    url,
    figures: () => ask<Figures>('figures'),
    grow: async (key, by) => void (await ask({ grow: key, by })),
    stop: () => child.disconnect(),
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
