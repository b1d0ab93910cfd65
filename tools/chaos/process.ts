import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Env } from '#src/config/config.ts';
import type { Figures, Request } from './serve.ts';
import type { Mode } from './vendor.ts';

/** The server in one process, its vendor in another. */
export interface World {
  readonly url: string;
  /** What the vendor does from now on with keys that begin so; '' for all others. */
  turn(prefix: string, mode: Mode): Promise<void>;
  /** Whether anybody listens on the vendor's port. */
  listen(listens: boolean): Promise<void>;
  calls(): Promise<number>;
  /** Of the server, with its garbage collected. */
  figures(): Promise<Figures>;
}

const running = new Set<ChildProcess>();

export async function withWorld<T>(env: Env, run: (world: World) => Promise<T>): Promise<T> {
  const vendor = await spawn('vendor', '');
  const server = await spawn(
    'server',
    JSON.stringify({ ENVIAAI_BASE_URL: vendor.url, ENVIAAI_RATE_PER_MINUTE: '1000000', ...env }),
  );
  try {
    return await run({
      url: server.url,
      turn: async (prefix, mode) => void (await vendor.ask({ turn: prefix, mode })),
      listen: async (listens) => void (await vendor.ask({ listen: listens })),
      calls: async () => (await vendor.ask({ collect: false })).calls,
      figures: () => server.ask({ collect: true }),
    });
  } finally {
    server.stop();
    vendor.stop();
  }
}

export function stopAll(): void {
  for (const child of running) child.kill();
}

async function spawn(role: 'vendor' | 'server', argument: string) {
  const child = fork(join(import.meta.dirname, 'serve.ts'), [role, argument], {
    execArgv: ['--expose-gc'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const { url } = await next<{ url: string }>(child);
  return {
    url,
    ask: (request: Request) => {
      const answer = next<Figures>(child);
      child.send(request);
      return answer;
    },
    stop: () => child.disconnect(),
  };
}

function next<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const lost = () => reject(new Error('A process ended that should not have'));
    child.once('exit', lost);
    child.once('message', (message) => {
      child.off('exit', lost);
      resolve(message as T);
    });
  });
}
