import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { onTestFinished } from 'vitest';

const binary = 'redis-server';

/** Tests of Redis run a real one; on a machine without it they are skipped, and say so. */
export const hasRedis = spawnSync(binary, ['--version']).status === 0;

/** For a suite's name: why it is skipped, where it is. */
export const redisNote = hasRedis ? '' : ' (skipped: there is no redis-server on this machine)';

export interface RedisServer {
  readonly url: URL;
  /** Ends at once, with all it knew. */
  stop(): Promise<void>;
  /** On the same port, empty. */
  restart(): Promise<void>;
  /** Connections stay open, and nothing is answered until `thaw`. */
  freeze(): void;
  thaw(): void;
}

/** A Redis of the test's own, on a free port of 127.0.0.1, that keeps nothing on disk and ends with the test. */
export async function startRedis(): Promise<RedisServer> {
  const port = await freePort();
  let child: ChildProcess | undefined;

  const run = async () => {
    const options = ['--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    const started = spawn(binary, options.map(String), { stdio: ['ignore', 'pipe', 'ignore'] });
    child = started;
    for await (const line of started.stdout) {
      if (String(line).includes('Ready to accept connections')) break;
    }
    if (started.exitCode !== null) throw new Error('redis-server ended at once');
  };
  const stop = async () => {
    const running = child;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, 'exit');
    running.kill('SIGKILL');
    await ended;
  };
  onTestFinished(stop);
  await run();

  return {
    url: new URL(`redis://127.0.0.1:${port}`),
    stop,
    restart: async () => {
      await stop();
      await run();
    },
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || !address) throw new Error('No free port');
  return address.port;
}
