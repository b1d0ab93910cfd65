import { openRedis, type RedisAddress } from './open-redis.ts';

export interface RedisSubscriberOptions extends RedisAddress {
  readonly channel: string;
  readonly onMessage: (text: string) => void;
}

export interface RedisSubscriber {
  /** Does not wait: messages arrive once Redis is available. */
  readonly start: () => void;
  readonly stop: () => void;
}

const maxReconnectDelayMs = 2000;

/**
 * A subscription to one channel of Redis, on a connection for it alone: Redis runs no commands on
 * it. It is renewed after each reconnect; messages in between are lost. Failures are reported by the
 * connection for commands.
 */
export function createRedisSubscriber(options: RedisSubscriberOptions): RedisSubscriber {
  const { channel, onMessage } = options;
  const redis = openRedis(options, {
    lazyConnect: true,
    enableReadyCheck: false,
    disableClientInfo: true,
    retryStrategy: (attempt) => Math.min(attempt * 100, maxReconnectDelayMs),
  });
  redis.on('error', () => {});
  redis.on('message', (_channel, text) => onMessage(text));
  // Renewed here, and not by ioredis, which does so only after the first subscription succeeded.
  redis.on('ready', () => void redis.subscribe(channel).catch(() => {}));
  return {
    start: () => void redis.connect().catch(() => {}),
    stop: () => redis.disconnect(),
  };
}
