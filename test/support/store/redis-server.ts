import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { onTestFinished } from 'vitest';

const binary = 'redis-server';

/** Tests of Redis need `redis-server`; on a machine without it they are skipped. */
export const hasRedis = spawnSync(binary, ['--version']).status === 0;

/** Appended to the titles of tests that may be skipped. */
export const redisNote = hasRedis ? '' : ' (skipped: there is no redis-server on this machine)';

export interface RedisServer {
  readonly url: URL;
  /** Kills it; all data is lost. */
  stop(): Promise<void>;
  /** Starts an empty one on the same port. */
  restart(): Promise<void>;
  /** Keeps connections open, but sends no replies until `thaw`. */
  freeze(): void;
  thaw(): void;
}

/**
 * A Redis without persistence, with further settings such as `--requirepass x`, on a free port of
 * 127.0.0.1, stopped after the test.
 */
export const startRedis = async (...settings: readonly string[]): Promise<RedisServer> =>
  startRedisAt(await freePort(), settings);

export async function startRedisAt(
  port: number,
  settings: readonly string[],
): Promise<RedisServer> {
  let child: ChildProcess | undefined;

  const run = async () => {
    const options = ['--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    const started = spawn(binary, [...options.map(String), ...settings], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    child = started;
    let isReady = false;
    for await (const line of started.stdout) {
      isReady = String(line).includes('Ready to accept connections');
      if (isReady) break;
    }
    if (!isReady) throw new Error('redis-server did not start');
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

/** A port on which nothing listens. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || !address) throw new Error('No free port');
  return address.port;
}
