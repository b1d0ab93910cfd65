import { randomUUID } from 'node:crypto';
import { repeat, type SetTimer, systemClock } from '#src/domain/clock.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import type { RedisAddress } from './open-redis.ts';
import { createRedisBreakers } from './redis-breakers.ts';
import { createRedisClient, isAboutKeys, type RedisArgument } from './redis-client.ts';
import { type RedisReason, redisReasonOf } from './redis-reason.ts';
import {
  commonGroup,
  groupKeyOf,
  groupOf,
  groupOfKey,
  numbersOf,
  replicasKeyOf,
  type Script,
  scriptOf,
  timeArgument,
} from './redis-script.ts';

/**
 * Redis behind a circuit breaker: after a command that Redis could not run, none is sent until a
 * probe succeeds.
 */
export interface RedisLink {
  /** In a cluster, without a tenant: whether all nodes are available, as far as is known. */
  readonly isUp: (tenant?: Tenant) => boolean;
  /**
   * Increases whenever Redis, or a node of the cluster, is lost or becomes available: what was
   * written in an earlier epoch may be lost.
   */
  readonly epoch: () => number;
  /**
   * Another value after the clock of Redis was set back, within 5 s. Ages by this clock do not
   * count for what was written in an earlier epoch.
   */
  readonly clockEpoch: () => string;
  /** Number of replicas, including this one, when Redis was last available; 2 if it never was. */
  readonly replicas: () => number;
  /**
   * Rejects at once while Redis is not available. A rejection opens the circuit breaker, in a
   * cluster that of the keys' group only, unless it is an error reply about the keys of the command.
   */
  readonly run: (
    script: Script,
    keys: readonly string[],
    args: readonly RedisArgument[],
  ) => Promise<unknown>;
  /** Connects. Resolves after about a second at most, also without Redis. */
  readonly start: () => Promise<void>;
  readonly stop: () => void;
}

export interface RedisLinkOptions extends RedisAddress {
  readonly prefix: string;
  /** Called when Redis becomes available or unavailable. */
  readonly onStateChange: (isUp: boolean) => void;
  /** Called for each command that failed. */
  readonly onCommandFailure: () => void;
  /** Called with the reason of each failure, of a command or of the connection. */
  readonly onFailure?: ((reason: RedisReason) => void) | undefined;
  /** Default: the machine's timers, as Redis has its own time. */
  readonly setTimer?: SetTimer | undefined;
  /** Replaces Redis's time, in tests. */
  readonly now?: (() => number) | undefined;
  /** The id of this replica. Default: a random one. */
  readonly replicaId?: string | undefined;
}

/** While Redis is not available, the interval of the breaker's probes. */
const probeMs = 1000;

/** While Redis is available, a heartbeat is sent at every fifth probe time. */
const probesPerHeartbeat = 5;

/** A replica without a heartbeat for this long is not counted. */
const silentMs = 3 * probesPerHeartbeat * probeMs;

/**
 * KEYS: replicas, clock. ARGV: time, id, silence in ms, `stay` or `leave`. Returns the number of
 * replicas, and when the epoch of the clock began. Replicas from the future have not been heard
 * since the clock was set back.
 */
const heartbeat = scriptOf(`
local at = timeOf(ARGV[1])
isOfType(KEYS[1], 'zset')
isOfType(KEYS[2], 'hash')
local clock = redis.call('HMGET', KEYS[2], 'at', 'epoch')
local isSetBack = not clock[1] or at < tonumber(clock[1])
local epoch = isSetBack and at or tonumber(clock[2])
redis.call('HSET', KEYS[2], 'at', at, 'epoch', epoch)
redis.call('PEXPIRE', KEYS[2], 86400000)
local silent = tonumber(ARGV[3])
if ARGV[4] == 'leave' then redis.call('ZREM', KEYS[1], ARGV[2])
else redis.call('ZADD', KEYS[1], at, ARGV[2]) end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', at - silent)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '(' .. at, '+inf')
redis.call('PEXPIRE', KEYS[1], silent)
return {redis.call('ZCARD', KEYS[1]), epoch}
`);

/** KEYS: a key of a group. Finds out whether its node runs scripts that write. */
const touch = scriptOf(`
redis.call('SET', KEYS[1], '1', 'PX', 1000)
return {1}
`);

export function createRedisLink(options: RedisLinkOptions): RedisLink {
  const { url, sentinels, clusterNodes, prefix } = options;
  const { onStateChange, onCommandFailure, onFailure = () => {} } = options;
  const { setTimer = systemClock.setTimer, replicaId = randomUUID(), now } = options;
  const breakers = createRedisBreakers(onStateChange);
  /** A single Redis is available for all groups, or for none. */
  const breakerOf = (group: string) => (clusterNodes ? group : commonGroup);
  let clockEpoch = 0;
  let replicas = 2;
  let probing: Promise<unknown> | undefined;
  let ticksSinceProbe = 0;
  let failedProbes = 0;

  const reportFailure = (error: unknown) => {
    const reason = redisReasonOf(error);
    // With a wrong password, commands that follow AUTH are refused for having none.
    if (reason === 'no-password' && url.password !== '') onFailure('wrong-password');
    else if (reason !== null) onFailure(reason);
  };
  const client = createRedisClient({
    url,
    sentinels,
    clusterNodes,
    setTimer,
    onConnect: () => void probe(),
    onFailure,
    onDisconnect: breakers.openAll,
    onNodeLost: breakers.lose,
  });

  const sendHeartbeat = (action: 'stay' | 'leave') =>
    client.run(
      heartbeat,
      [replicasKeyOf(prefix), `${groupKeyOf(prefix, commonGroup)}:clock`],
      [timeArgument({ now }), replicaId, silentMs, action],
    );

  async function probeOnce(): Promise<void> {
    ticksSinceProbe = 0;
    try {
      [replicas = replicas, clockEpoch = clockEpoch] = numbersOf(await sendHeartbeat('stay'));
      failedProbes = 0;
      breakers.close(commonGroup);
    } catch (error) {
      reportFailure(error);
      if (breakers.isUp(commonGroup)) onCommandFailure();
      breakers.open(commonGroup);
      // The connection may be open although nobody replies at the other end.
      if ((failedProbes += 1) % 3 === 0) client.reconnect();
    }
  }
  /** Of a cluster: the other groups. A group that is on the same node may have its breaker closed. */
  const probeGroup = (group: string) =>
    client.run(touch, [`${groupKeyOf(prefix, group)}:probe`], []).then(
      () => breakers.close(group),
      (error: unknown) => reportFailure(error),
    );
  const probeAll = () => Promise.all([probeOnce(), ...breakers.openGroups().map(probeGroup)]);
  const probe = () => (probing ??= probeAll().finally(() => (probing = undefined)));

  const stopProbing = repeat(setTimer, probeMs, () => {
    ticksSinceProbe += 1;
    if (!breakers.areAllUp() || ticksSinceProbe >= probesPerHeartbeat) void probe();
  });

  return {
    isUp: (tenant) =>
      tenant === undefined ? breakers.areAllUp() : breakers.isUp(breakerOf(groupOf(tenant))),
    epoch: breakers.epoch,
    clockEpoch: () => String(clockEpoch),
    replicas: () => replicas,
    async run(script, keys, args) {
      const group = breakerOf(groupOfKey(keys[0]));
      if (!breakers.isUp(group)) throw new Error('Redis is not available');
      try {
        return await client.run(script, keys, args);
      } catch (error) {
        reportFailure(error);
        onCommandFailure();
        if (!isAboutKeys(error)) breakers.open(group);
        throw error;
      }
    },
    async start() {
      await client.connect();
      await probe();
    },
    stop() {
      stopProbing();
      if (breakers.isUp(commonGroup)) sendHeartbeat('leave').catch(() => {});
      client.close();
    },
  };
}
