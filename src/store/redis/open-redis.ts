import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';

interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/** The sentinels of a Redis with failover. */
export interface Sentinels {
  readonly addresses: readonly HostAndPort[];
  /** Of the sentinels; null: they have none. */
  readonly password: string | null;
}

export interface RedisAddress {
  /** With sentinels, its host is the name by which they know the primary. */
  readonly url: URL;
  /** Null or undefined: Redis is at the host of the URL. */
  readonly sentinels?: Sentinels | null | undefined;
  /** Nodes of a cluster, besides that of the URL. Null or undefined: Redis is no cluster. */
  readonly clusterNodes?: readonly HostAndPort[] | null | undefined;
}

const defaultPort = 6379;

/** Interval of the look-up where the slots are: finds a failover that no reply has reported. */
const slotsRefreshMs = 2000;

/** A node that has not replied for this time is connected to again. */
const nodeReplyTimeoutMs = 3000;

const maxReconnectDelayMs = 2000;
export const reconnectDelayMs = (attempt: number): number =>
  Math.min(attempt * 100, maxReconnectDelayMs);

/**
 * A client of the Redis at this address. With sentinels, each connection begins with asking them
 * for the primary. `rediss` is TLS to Redis, to the sentinels and to all nodes.
 */
export function openRedis(address: RedisAddress, given: RedisOptions): Redis | Cluster {
  const { url, sentinels, clusterNodes } = address;
  const options: RedisOptions = {
    ...given,
    lazyConnect: true,
    enableReadyCheck: false,
    disableClientInfo: true,
    retryStrategy: reconnectDelayMs,
  };
  if (clusterNodes) return new Cluster(nodesOf(url, clusterNodes), clusterOptions(url, given));
  if (!sentinels) return new Redis(url.href, options);
  const tls = url.protocol === 'rediss:' && {
    tls: {},
    sentinelTLS: {},
    enableTLSForSentinelMode: true,
  };
  return new Redis({
    ...options,
    ...tls,
    name: url.hostname,
    sentinels: sentinels.addresses.map((sentinel) => ({ ...sentinel })),
    ...(sentinels.password !== null && { sentinelPassword: sentinels.password }),
    ...userOf(url),
    db: Number(url.pathname.slice(1)),
  });
}

const userOf = ({ username, password }: URL) => ({
  ...(username !== '' && { username: decodeURIComponent(username) }),
  ...(password !== '' && { password: decodeURIComponent(password) }),
});

const nodesOf = (url: URL, others: readonly HostAndPort[]) => [
  { host: url.hostname.replaceAll(/[[\]]/g, ''), port: Number(url.port || defaultPort) },
  ...others.map((node) => ({ ...node })),
];

const clusterOptions = (url: URL, { connectTimeout }: RedisOptions): ClusterOptions => ({
  lazyConnect: true,
  enableReadyCheck: false,
  // A node is connected to by its first command, and those that follow have to wait as well.
  enableOfflineQueue: true,
  // Where a node is lost, commands fail at once: their result is of no use later.
  clusterRetryStrategy: reconnectDelayMs,
  retryDelayOnFailover: 0,
  retryDelayOnClusterDown: 0,
  // A command has 250 ms.
  retryDelayOnTryAgain: 50,
  maxRedirections: 4,
  slotsRefreshInterval: slotsRefreshMs,
  // The name stays, as TLS compares it with the certificate.
  dnsLookup: (name, callback) => callback(null, name),
  redisOptions: {
    ...userOf(url),
    ...(url.protocol === 'rediss:' && { tls: {} }),
    ...(connectTimeout !== undefined && { connectTimeout }),
    socketTimeout: nodeReplyTimeoutMs,
    enableReadyCheck: false,
    disableClientInfo: true,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
  },
});
