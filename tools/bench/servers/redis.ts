import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { track } from './fleet.ts';

const binary = 'redis-server';

export const hasRedis = (): boolean => spawnSync(binary, ['--version']).status === 0;

export interface Redis {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts a Redis on a free port of 127.0.0.1, without persistence. */
export async function startRedis(): Promise<Redis> {
  const port = await freePort();
  const options = ['--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const child = spawn(binary, options.map(String), { stdio: ['ignore', 'pipe', 'ignore'] });
  track(child);
  for await (const line of child.stdout) {
    if (String(line).includes('Ready to accept connections')) break;
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
