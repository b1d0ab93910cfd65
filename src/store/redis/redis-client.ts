import { Cluster, type Redis, ReplyError } from 'ioredis';
import type { SetTimer } from '#src/domain/clock.ts';
import { openRedis, type RedisAddress } from './open-redis.ts';
import { notReady, type RedisReason, redisReasonOf, ReplyTimeout } from './redis-reason.ts';
import type { Script } from './redis-script.ts';

export type RedisArgument = string | number | Buffer;

/** A Redis connection that reconnects, and whose commands have a timeout. */
export interface RedisClient {
  /**
   * Rejects if Redis is not connected, replies with an error, or does not reply within 250 ms.
   * Strings in replies are buffers.
   */
  run(script: Script, keys: readonly string[], args: readonly RedisArgument[]): Promise<unknown>;
  /** Resolves when the first attempt to connect has succeeded or failed. */
  connect(): Promise<void>;
  /** Replaces a connection on which no replies arrive; those of a cluster are replaced anyway. */
  reconnect(): void;
  close(): void;
}

export interface RedisClientOptions extends RedisAddress {
  readonly setTimer: SetTimer;
  readonly onConnect: () => void;
  readonly onDisconnect: () => void;
  /** Called when the connection to one node of a cluster is lost. */
  readonly onNodeLost: () => void;
  /** Called when the connection fails, or is closed by Redis. */
  readonly onFailure: (reason: RedisReason) => void;
}

const commandTimeoutMs = 250;
const connectTimeoutMs = 1000;

export function createRedisClient(options: RedisClientOptions): RedisClient {
  const { setTimer, onConnect, onDisconnect, onNodeLost, onFailure } = options;
  /** Whether the reason for which the connection will close was reported. */
  let isExplained = false;
  const redis = openRedis(options, {
    // Without a connection, commands fail at once: their result is of no use later.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: connectTimeoutMs,
    // After a failover the former primary refuses writes.
    reconnectOnError(error) {
      const isReadOnly = error.message.startsWith('READONLY');
      isExplained ||= isReadOnly;
      return isReadOnly;
    },
  });
  redis.on('connecting', () => (isExplained = false));
  // Only the reason is passed on: the message may contain the address.
  const report = (error: unknown) => {
    const reason = redisReasonOf(error);
    if (reason === null) return;
    isExplained = true;
    onFailure(reason);
  };
  redis.on('error', report);
  if (redis instanceof Cluster) {
    redis.on('node error', report);
    redis.on('+node', (node: Redis) => {
      node.once('ready', () => node.once('end', onNodeLost));
      // Else the first command would connect, and ioredis would not report why that failed.
      if (!node.options.readOnly) node.connect().catch(ignore);
    });
  }
  // The first command then checks whether Redis is ready, and its error says why not.
  redis.on('ready', onConnect);
  redis.on('close', () => {
    if (!isExplained) onFailure('closed');
    onDisconnect();
  });

  const call = async (command: string, ...args: readonly RedisArgument[]) => {
    // Else a cluster's client queues the command until there is a cluster.
    if (redis instanceof Cluster && redis.status !== 'ready') throw new Error(notReady);
    return withTimeout(setTimer, commandTimeoutMs, redis.callBuffer(command, [...args]));
  };

  return {
    async run({ lua, sha }, keys, args) {
      try {
        return await call('EVALSHA', sha, keys.length, ...keys, ...args);
      } catch (error) {
        if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
        return call('EVAL', lua, keys.length, ...keys, ...args);
      }
    },
    // If Redis accepts the connection but never replies, ioredis waits for ever.
    connect: () => withTimeout(setTimer, connectTimeoutMs, redis.connect()).then(ignore, ignore),
    reconnect() {
      if (redis instanceof Cluster) return;
      if (redis.status !== 'ready' && redis.status !== 'connect') return;
      isExplained = true;
      redis.disconnect(true);
    },
    close() {
      isExplained = true;
      redis.disconnect();
    },
  };
}

/**
 * Codes of error replies that say that Redis runs no commands, or not this one, whatever its keys.
 * Redis before version 7 puts the code of an error in a script somewhere in the message.
 */
const stateCodes =
  /\b(?:NOAUTH|WRONGPASS|NOPERM|DENIED|READONLY|LOADING|OOM|MISCONF|BUSY|UNKILLABLE|MASTERDOWN|NOREPLICAS|CLUSTERDOWN|MOVED|ASK|TRYAGAIN|CROSSSLOT|NOPROTO|unknown command|max number of clients|operation not permitted)\b/i;

/** Whether an error reply is about the keys of the command: one of a wrong type, for example. */
export const isAboutKeys = (error: unknown): boolean =>
  error instanceof Error && error.name === ReplyError.name && !stateCodes.test(error.message);

const ignore = () => {};

function withTimeout<T>(setTimer: SetTimer, ms: number, command: Promise<T>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const cancel = setTimer(ms, () => {
    // Rejects after the next read of sockets: if this process was blocked, the reply may be there.
    setImmediate(() => reject(new ReplyTimeout('Redis did not reply in time')));
  });
  command.then(resolve, reject).finally(cancel);
  return promise;
}
