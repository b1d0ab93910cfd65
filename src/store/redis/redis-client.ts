import { Redis } from 'ioredis';
import type { Script } from './redis-script.ts';

export type RedisArgument = string | number | Buffer;

/** A connection that is made again whenever it is lost, and commands that never hang. */
export interface RedisClient {
  /** Rejects when Redis is not connected, refuses, or has not answered within 250 ms. Strings in replies are buffers. */
  run(script: Script, keys: readonly string[], args: readonly RedisArgument[]): Promise<unknown>;
  /** Resolves when the first attempt to connect has ended, however it did. */
  connect(): Promise<void>;
  /** For a connection on which nothing comes any more: it is given up, and made again. */
  reconnect(): void;
  close(): void;
}

export interface RedisEvents {
  readonly connected: () => void;
  readonly lost: () => void;
}

const commandTimeoutMs = 250;
const connectTimeoutMs = 1000;
const mostBetweenAttemptsMs = 2000;

export function createRedisClient(url: URL, { connected, lost }: RedisEvents): RedisClient {
  const redis = new Redis(url.href, {
    lazyConnect: true,
    // What cannot be sent now fails now: a command that waits for a connection is worth nothing later.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: connectTimeoutMs,
    retryStrategy: (attempt) => Math.min(attempt * 100, mostBetweenAttemptsMs),
    // After a failover the old primary refuses writes.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  });
  // Without a listener it were thrown. What it says may hold the address: `lost` is told instead.
  redis.on('error', ignore);
  redis.on('ready', connected);
  redis.on('close', lost);

  const call = (command: string, ...args: readonly RedisArgument[]) =>
    within(commandTimeoutMs, redis.callBuffer(command, [...args]));

  return {
    async run({ lua, sha }, keys, args) {
      try {
        return await call('EVALSHA', sha, keys.length, ...keys, ...args);
      } catch (error) {
        if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
        return call('EVAL', lua, keys.length, ...keys, ...args);
      }
    },
    // Where Redis takes the connection and says nothing, the attempt never ends by itself.
    connect: () => within(connectTimeoutMs, redis.connect()).then(ignore, ignore),
    reconnect() {
      if (redis.status === 'ready' || redis.status === 'connect') redis.disconnect(true);
    },
    close: () => redis.disconnect(),
  };
}

const ignore = () => {};

function within<T>(ms: number, command: Promise<T>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const timer = setTimeout(() => {
    // After the sockets were read: where this process itself was busy, the answer may be there by now.
    setImmediate(() => reject(new Error('Redis did not answer in time')));
  }, ms);
  command.then(resolve, reject).finally(() => clearTimeout(timer));
  return promise;
}
