import { Cluster, type Redis } from 'ioredis';
import { openRedis, reconnectDelayMs, type RedisAddress } from './open-redis.ts';

export interface RedisSubscriberOptions extends RedisAddress {
  readonly channel: string;
  readonly onMessage: (text: string) => void;
}

export interface RedisSubscriber {
  /** Does not wait: messages arrive once Redis is available. */
  readonly start: () => void;
  readonly stop: () => void;
}

/**
 * A subscription to one channel of Redis, on a connection for it alone: Redis runs no commands on
 * it. It is renewed after each reconnect; messages in between are lost. Failures are reported by the
 * connection for commands.
 *
 * In a cluster, each node has a connection, and each message arrives from all of them: the one to
 * the node that ran PUBLISH has it before the reply, the others have it later.
 */
export function createRedisSubscriber(options: RedisSubscriberOptions): RedisSubscriber {
  const { channel, onMessage } = options;
  const redis = openRedis(options, {});
  const subscribe = (client: Redis) => {
    client.on('error', () => {});
    client.on('message', (_channel, text) => onMessage(text));
    // Renewed here, and not by ioredis, which does so only after the first subscription succeeded.
    client.on('ready', () => void client.subscribe(channel).catch(() => {}));
  };
  if (redis instanceof Cluster) {
    redis.on('error', () => {});
    redis.on('+node', (node: Redis) => {
      const client = node.duplicate({ readOnly: false, retryStrategy: reconnectDelayMs });
      subscribe(client);
      client.connect().catch(() => {});
      // The node is no longer one of the cluster, or this subscriber has stopped.
      node.once('end', () => client.disconnect());
    });
  } else subscribe(redis);
  return {
    start: () => void redis.connect().catch(() => {}),
    stop: () => redis.disconnect(),
  };
}
