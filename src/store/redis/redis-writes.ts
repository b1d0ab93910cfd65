import { randomUUID } from 'node:crypto';
import { createLru } from '#src/domain/lru.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import type { SharedWrite, SharedWrites } from '#src/store/shared-writes.ts';
import type { RedisLink } from './redis-link.ts';
import { keyBaseOf, type Keyspace, scriptOf, timeArgument } from './redis-script.ts';
import type { RedisSubscriber, RedisSubscriberOptions } from './redis-subscriber.ts';

/** Writes of a tenant that are remembered: as many as one budget allows in a minute, and more. */
const maxWrites = 100;

/** Writes that this replica knows, of all tenants. */
const maxKnown = 20_000;

// A list has the writes of a tenant, the oldest first. Each is a time by Redis's clock, an id, and
// the text, separated by spaces.

/**
 * KEYS: writes. ARGV: time, id, text, time to live, maximum length, channel, tenant. Appends a
 * write, and sends it to all replicas.
 */
const publish = scriptOf(`
isOfType(KEYS[1], 'list')
redis.call('RPUSH', KEYS[1], timeOf(ARGV[1]) .. ' ' .. ARGV[2] .. ' ' .. ARGV[3])
redis.call('LTRIM', KEYS[1], -tonumber(ARGV[5]), -1)
redis.call('PEXPIRE', KEYS[1], ARGV[4])
redis.call('PUBLISH', ARGV[6], ARGV[7] .. ' ' .. ARGV[2] .. ' ' .. ARGV[3])
return { 1 }
`);

/** KEYS: writes. ARGV: time. Returns the time, then the writes. */
const read = scriptOf(`
if not isOfType(KEYS[1], 'list') then return {} end
local writes = redis.call('LRANGE', KEYS[1], 0, -1)
table.insert(writes, 1, tostring(timeOf(ARGV[1])))
return writes
`);

export interface RedisWritesOptions {
  readonly link: Pick<RedisLink, 'run'>;
  readonly keyspace: Keyspace;
  /** Time to live of the writes of a tenant, in milliseconds: at least that of a page. */
  readonly lifetimeMs: number;
  readonly createSubscriber: (
    options: Pick<RedisSubscriberOptions, 'channel' | 'onMessage'>,
  ) => RedisSubscriber;
}

export function createRedisWrites(
  options: RedisWritesOptions,
): SharedWrites & Pick<RedisSubscriber, 'start' | 'stop'> {
  const { link, keyspace, lifetimeMs, createSubscriber } = options;
  const channel = `${keyspace.prefix}:writes`;
  const keyOf = (tenant: Tenant) => `${keyBaseOf(keyspace.prefix, tenant)}:writes`;
  const known = createLru<string, true>(maxKnown);
  let listener: ((tenant: Tenant, write: SharedWrite) => void) | undefined;

  const isNews = (id: string) => !known.has(id) && Boolean(known.set(id, true));
  const subscriber = createSubscriber({
    channel,
    onMessage(message) {
      const [tenant = '', id = '', text = ''] = splitTwice(message);
      if (isNews(id)) listener?.(tenant, { text, ageMs: 0 });
    },
  });

  return {
    start: subscriber.start,
    stop: subscriber.stop,
    subscribe: (onWrite) => void (listener = onWrite),

    async publish(tenant, text) {
      const id = randomUUID();
      known.set(id, true);
      const args = [timeArgument(keyspace), id, text, lifetimeMs, maxWrites, channel, tenant];
      await link.run(publish, [keyOf(tenant)], args).catch(() => {});
    },

    async missed(tenant) {
      const reply = await link.run(read, [keyOf(tenant)], [timeArgument(keyspace)]).catch(() => []);
      const [now, ...writes] = Array.isArray(reply) ? reply.map(String) : [];
      return writes.flatMap((write) => {
        const [at = '', id = '', text = ''] = splitTwice(write);
        return isNews(id) ? [{ text, ageMs: Math.max(0, Number(now) - Number(at)) }] : [];
      });
    },
  };
}

/** Three parts, separated by the first two spaces. */
function splitTwice(text: string): readonly string[] {
  const first = text.indexOf(' ');
  const second = text.indexOf(' ', first + 1);
  return [text.slice(0, first), text.slice(first + 1, second), text.slice(second + 1)];
}
