import { Redis, type RedisOptions } from 'ioredis';

/** The sentinels of a Redis with failover. */
export interface Sentinels {
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
  /** Of the sentinels; null: they have none. */
  readonly password: string | null;
}

export interface RedisAddress {
  /** With sentinels, its host is the name by which they know the primary. */
  readonly url: URL;
  /** Null or undefined: Redis is at the host of the URL. */
  readonly sentinels?: Sentinels | null | undefined;
}

/**
 * A client of the Redis at this address. With sentinels, each connection begins with asking them
 * for the primary. `rediss` is TLS to Redis and to the sentinels.
 */
export function openRedis({ url, sentinels }: RedisAddress, options: RedisOptions): Redis {
  if (!sentinels) return new Redis(url.href, options);
  const { username, password, pathname, protocol } = url;
  const tls = protocol === 'rediss:' && {
    tls: {},
    sentinelTLS: {},
    enableTLSForSentinelMode: true,
  };
  return new Redis({
    ...options,
    ...tls,
    name: url.hostname,
    sentinels: sentinels.addresses.map((address) => ({ ...address })),
    ...(sentinels.password !== null && { sentinelPassword: sentinels.password }),
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
    db: Number(pathname.slice(1)),
  });
}
