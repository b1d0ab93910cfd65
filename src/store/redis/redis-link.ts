import { randomUUID } from 'node:crypto';
import { createRedisClient, type RedisArgument } from './redis-client.ts';
import { numbersOf, type Script, scriptOf } from './redis-script.ts';

/** Redis as the stores see it: there, or known to be away. */
export interface RedisLink {
  readonly isUp: () => boolean;
  /** How often it has come (back) up: what was told to it in an earlier time may be lost. */
  readonly epoch: () => number;
  /** How many replicas there were, this one among them, when Redis was last there; 2 when it never was. */
  readonly replicas: () => number;
  /** Rejects at once while Redis is away. A rejection opens the circuit: nothing is asked until Redis works again. */
  readonly run: (
    script: Script,
    keys: readonly string[],
    args: readonly RedisArgument[],
  ) => Promise<unknown>;
  /** Connects, but waits no longer than a moment: without Redis the server starts too. */
  readonly start: () => Promise<void>;
  readonly stop: () => void;
}

export interface RedisLinkOptions {
  readonly url: URL;
  readonly prefix: string;
  /** Told when Redis went away or came back. */
  readonly changed: (isUp: boolean) => void;
  /** Told of every command that was not carried out. */
  readonly failed: () => void;
}

/** How often a replica says that it lives; one that was silent for three times as long counts no more. */
const beatMs = 5000;

/** While Redis is away, how often it is tried. Only this tries: no request waits for a Redis that is away. */
const retryMs = 1000;

/** Says that this replica lives, or (with an empty number) that it leaves, and counts those that live. */
const beat = scriptOf(`
local at = timeOf('')
local silent = tonumber(ARGV[2])
if ARGV[3] == 'leave' then redis.call('ZREM', KEYS[1], ARGV[1])
else redis.call('ZADD', KEYS[1], at, ARGV[1]) end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', at - silent)
redis.call('PEXPIRE', KEYS[1], silent)
return {redis.call('ZCARD', KEYS[1])}
`);

export function createRedisLink(options: RedisLinkOptions): RedisLink {
  const { url, prefix, changed, failed } = options;
  const id = randomUUID();
  let up = false;
  let epoch = 0;
  let replicas = 2;
  let trying: Promise<void> | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;
  let misses = 0;

  const turn = (to: boolean) => {
    if (up === to) return;
    up = to;
    if (up) epoch += 1;
    changed(to);
  };
  const client = createRedisClient(url, {
    connected: () => void attempt(),
    lost: () => turn(false),
  });

  const sayAlive = (what: 'stay' | 'leave') =>
    client.run(beat, [`${prefix}:replicas`], [id, 3 * beatMs, what]);

  async function tryOnce(): Promise<void> {
    triedAt = performance.now();
    try {
      [replicas = replicas] = numbersOf(await sayAlive('stay'));
      misses = 0;
      turn(true);
    } catch {
      if (up) failed();
      turn(false);
      // Connected, and silent: perhaps nobody is at the other end any more.
      if ((misses += 1) % 3 === 0) client.reconnect();
    }
  }
  const attempt = () => (trying ??= tryOnce().finally(() => (trying = undefined)));

  const timer = setInterval(() => {
    if (!up || performance.now() - triedAt >= beatMs) void attempt();
  }, retryMs).unref();

  return {
    isUp: () => up,
    epoch: () => epoch,
    replicas: () => replicas,
    async run(script, keys, args) {
      if (!up) throw new Error('Redis is away');
      try {
        return await client.run(script, keys, args);
      } catch (error) {
        failed();
        turn(false);
        throw error;
      }
    },
    async start() {
      await client.connect();
      await attempt();
    },
    stop() {
      clearInterval(timer);
      if (up) sayAlive('leave').catch(() => {});
      client.close();
    },
  };
}
