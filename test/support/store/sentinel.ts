import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { expect, onTestFinished } from 'vitest';
import { freePort, startRedis } from './redis-server.ts';

/** The name by which the sentinel knows the primary. */
export const primaryName = 'Primary';

export interface FailoverRedis {
  /** `host:port` of the sentinel. */
  readonly sentinel: string;
  readonly password: string;
  /** Kills the primary; the sentinel then makes the other Redis the primary. */
  readonly killPrimary: () => Promise<void>;
}

/** A primary, its replica and a sentinel with a password, stopped after the test. */
export async function startWithSentinel(): Promise<FailoverRedis> {
  const primary = await startRedis();
  const replica = await startRedis('--replicaof', `127.0.0.1 ${primary.url.port}`);
  const port = await freePort();
  const password = 'sentinel-secret';
  const folder = await mkdtemp(join(tmpdir(), 'sentinel-'));
  const file = join(folder, 'sentinel.conf');
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    `requirepass ${password}`,
    `sentinel monitor ${primaryName} 127.0.0.1 ${primary.url.port} 1`,
    `sentinel down-after-milliseconds ${primaryName} 500`,
    `sentinel failover-timeout ${primaryName} 3000`,
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  const clientOf = (url: string) => {
    // The primary's client fails when it is killed.
    const client = new Redis(url).on('error', () => {});
    onTestFinished(() => client.disconnect());
    return client;
  };
  // The sentinel looks for replicas at its start, and then every 10 s.
  const synchronized = clientOf(replica.url.href);
  await expect.poll(() => synchronized.info('replication')).toContain('master_link_status:up');

  const child = spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore' });
  onTestFinished(async () => {
    if (child.exitCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    await rm(folder, { recursive: true });
  });
  const sentinel = clientOf(`redis://:${password}@127.0.0.1:${port}`);
  await expect.poll(() => sentinel.info('sentinel')).toContain('status=ok');
  await expect.poll(() => sentinel.info('sentinel')).toContain('slaves=1');
  return { sentinel: `127.0.0.1:${port}`, password, killPrimary: () => primary.stop() };
}
