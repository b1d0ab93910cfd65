import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Env } from '#src/config/config.ts';
import type { Command, Figures } from './serve.ts';
import type { Mode } from './vendor.ts';

/** The server in one process, the vendor in another. */
export interface World {
  readonly url: string;
  /**
   * Sets how the vendor responds to keys with this prefix (the part before "-"); '': to all others.
   */
  setMode(prefix: string, mode: Mode): Promise<void>;
  /** Opens or closes the vendor's port. */
  listen(listens: boolean): Promise<void>;
  /** Calls that the vendor has received, but for those of the streams. */
  calls(): Promise<number>;
  /** Lets no instance change any more. */
  freeze(): Promise<void>;
  /** The ids and statuses of a key's instances at the vendor. */
  rows(key: string): Promise<Figures['rows']>;
  /** Figures of the server after a garbage collection. */
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
      setMode: async (prefix, mode) => void (await vendor.send({ prefix, mode })),
      listen: async (listen) => void (await vendor.send({ listen })),
      calls: async () => (await vendor.send({ collect: false })).calls,
      freeze: async () => void (await vendor.send({ freeze: true })),
      rows: async (key) => (await vendor.send({ rowsOf: key })).rows,
      figures: () => server.send({ collect: true }),
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
  const { url } = await nextMessage<{ url: string }>(child);
  return {
    url,
    send: (command: Command) => {
      const reply = nextMessage<Figures>(child);
      child.send(command);
      return reply;
    },
    stop: () => child.disconnect(),
  };
}

function nextMessage<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const onExit = () => reject(new Error('The server or the vendor exited'));
    child.once('exit', onExit);
    child.once('message', (message) => {
      child.off('exit', onExit);
      resolve(message as T);
    });
  });
}
