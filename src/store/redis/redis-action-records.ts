import { randomUUID } from 'node:crypto';
import { sleep, type SetTimer, systemClock } from '#src/domain/clock.ts';
import { Failure } from '#src/domain/failure.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import type { ActionRecord, ActionRecords } from '#src/store/action-records.ts';
import type { MemoryActionRecords } from '#src/store/memory/memory-action-records.ts';
import { leaseMs, renewLease } from './redis-lease.ts';
import type { RedisLink } from './redis-link.ts';
import { keyBaseOf, type Keyspace, scriptOf } from './redis-script.ts';

/** Interval of the poll for the outcome of another process. */
const pollMs = 50;

// A record is a string: `1` and the outcome; or `0` and the token of the process that began the action
// and has not finished it. That process has a lease with the same token; without one, the action is
// lost. (Replicas of 0.2.0 write `0` without a token.)

/**
 * KEYS: record, lease. ARGV: token, time to live of the lease, and of the record if it is lost.
 * Returns the record of an action that has finished, `wait`, `lost`, or `begun`.
 */
const begin = scriptOf(`
isOfType(KEYS[1], 'string')
isOfType(KEYS[2], 'string')
local record = redis.call('GET', KEYS[1])
if record and string.sub(record, 1, 1) == '1' then return { record } end
if redis.call('EXISTS', KEYS[2]) == 1 then return { 'wait' } end
if record then return { 'lost' } end
redis.call('SET', KEYS[1], '0' .. ARGV[1], 'PX', ARGV[3])
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
return { 'begun' }
`);

/**
 * Whether the action is still that of the token: its lease may have expired, and another process may
 * have begun the action again, and even finished it.
 */
const isCurrent = `
local function isCurrent(record, lease, token)
  local owner = redis.call('GET', lease)
  if owner then return owner == token end
  local current = redis.call('GET', record)
  return not current or current == '0' .. token
end
`;

/** KEYS: record, lease. ARGV: token, outcome, its time to live. */
const finish = scriptOf(`${isCurrent}
if not isCurrent(KEYS[1], KEYS[2], ARGV[1]) then return { 0 } end
redis.call('SET', KEYS[1], '1' .. ARGV[2], 'PX', ARGV[3])
redis.call('DEL', KEYS[2])
return { 1 }
`);

/** KEYS: record, lease. ARGV: token. */
const undo = scriptOf(`${isCurrent}
if not isCurrent(KEYS[1], KEYS[2], ARGV[1]) then return { 0 } end
redis.call('DEL', KEYS[1], KEYS[2])
return { 1 }
`);

/** KEYS: record. Deletes it if the action has finished. */
const forget = scriptOf(`
if not isOfType(KEYS[1], 'string') then return { 0 } end
local record = redis.call('GET', KEYS[1])
if not record or string.sub(record, 1, 1) ~= '1' then return { 0 } end
redis.call('DEL', KEYS[1])
return { 1 }
`);

export interface RedisActionRecordsOptions {
  readonly link: Pick<RedisLink, 'run'>;
  readonly keyspace: Pick<Keyspace, 'prefix'>;
  /** Records the actions of this process while Redis is not available. */
  readonly local: MemoryActionRecords;
  /** Default: the machine's timers, as Redis has its own time. */
  readonly setTimer?: SetTimer | undefined;
}

/** Actions of all replicas, in Redis. */
export function createRedisActionRecords(options: RedisActionRecordsOptions): ActionRecords {
  const { link, keyspace, local, setTimer = systemClock.setTimer } = options;
  const keysOf = (tenant: Tenant, name: string) => {
    const base = `${keyBaseOf(keyspace.prefix, tenant)}:action:${name}`;
    return [base, `${base}:lease`] as const;
  };

  const begun = (tenant: Tenant, name: string, token: string): ActionRecord => {
    const [record, lease] = keysOf(tenant, name);
    const endLease = renewLease({ link, setTimer, key: lease, token });
    const end = async (run: () => Promise<unknown>) => {
      try {
        await run();
      } finally {
        await endLease(true);
      }
    };
    return {
      kind: 'begun',
      finish: (outcome, lifetimeMs) =>
        end(() => link.run(finish, [record, lease], [token, outcome, lifetimeMs])).catch(() =>
          finishLocally(tenant, name, { outcome, lifetimeMs }),
        ),
      undo: () => end(() => link.run(undo, [record, lease], [token])).catch(() => {}),
    };
  };

  /** Redis was lost meanwhile: this process at least knows the outcome. */
  async function finishLocally(
    tenant: Tenant,
    name: string,
    { outcome, lifetimeMs }: { readonly outcome: string; readonly lifetimeMs: number },
  ): Promise<void> {
    const signal = AbortSignal.abort();
    const record = await local.begin(tenant, name, { lostMs: 0, signal }).catch(() => null);
    if (record?.kind === 'begun') await record.finish(outcome, lifetimeMs);
  }

  return {
    async begin(tenant, name, beginning) {
      const { lostMs, signal } = beginning;
      const token = randomUUID();
      let isInFlight = false;
      while (!signal.aborted) {
        // What this process did while Redis was away is not in Redis.
        const known = await local.find(tenant, name, signal);
        if (known) return known;
        let reply: unknown;
        try {
          reply = await link.run(begin, [...keysOf(tenant, name)], [token, leaseMs, lostMs]);
        } catch {
          if (isInFlight) return { kind: 'lost' };
          return local.begin(tenant, name, beginning);
        }
        const [first] = Array.isArray(reply) ? reply.map(String) : [];
        if (first === 'begun') return begun(tenant, name, token);
        if (first === 'lost') return { kind: 'lost' };
        isInFlight = first === 'wait';
        if (!isInFlight) return { kind: 'finished', outcome: first?.slice(1) ?? '' };
        await sleep({ setTimer }, pollMs, signal);
      }
      throw new Failure('timeout', 'The same action is still in flight');
    },
    async forget(tenant, name) {
      await Promise.all([
        local.forget(tenant, name),
        link.run(forget, [keysOf(tenant, name)[0]], []).catch(() => {}),
      ]);
    },
  };
}
