import { randomUUID } from 'node:crypto';
import type { BudgetStore } from '#src/store/budget-store.ts';
import type { RedisLink } from './redis-link.ts';
import { numbersOf, scriptOf, type Keyspace, timeArgument } from './redis-script.ts';

/**
 * budget-window.ts in Lua, line for line; the contract test of the stores compares the two. A
 * window is deleted one hour after its end, and a replica stops counting as active after 15 s.
 */
const window = `
local windowMs, sameResetMs, rememberedMs, sharerMs = 60000, 2000, 3600000, 15000

local function read(key)
  local f = redis.call('HMGET', key, 'limit', 'remaining', 'resetAt', 'pausedUntil', 'assumed')
  if not f[1] then return nil end
  return { limit = tonumber(f[1]), remaining = tonumber(f[2]), resetAt = tonumber(f[3]),
    pausedUntil = tonumber(f[4]), assumed = f[5] == '1' }
end

local function keep(key, w, at)
  redis.call('HSET', key, 'limit', w.limit, 'remaining', w.remaining, 'resetAt', w.resetAt,
    'pausedUntil', w.pausedUntil, 'assumed', w.assumed and '1' or '0')
  redis.call('PEXPIRE', key, math.max(w.resetAt, w.pausedUntil) - at + rememberedMs)
end

local function windowAt(w, at, assumedLimit, endsAt)
  if w and w.resetAt > at then return w end
  local limit = w and w.limit or assumedLimit
  return { limit = limit, remaining = limit, resetAt = endsAt,
    pausedUntil = w and w.pausedUntil or 0, assumed = true }
end
`;

/**
 * KEYS: window, replicas that take. ARGV: time, assumed limit, reserve, id of the replica. Returns
 * whether a request was taken, the number of active replicas, and the window, with its times
 * relative to now.
 */
const take = scriptOf(`${window}
local at, assumedLimit, keepBack = timeOf(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local w = windowAt(read(KEYS[1]), at, assumedLimit, at + windowMs)
local taken = 0
if w.pausedUntil <= at and w.remaining > math.floor(w.limit * keepBack) then
  w.remaining = w.remaining - 1
  taken = 1
end
keep(KEYS[1], w, at)
redis.call('ZADD', KEYS[2], at, ARGV[4])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', at - sharerMs)
redis.call('PEXPIRE', KEYS[2], sharerMs)
return { taken, redis.call('ZCARD', KEYS[2]), w.limit, w.remaining, w.resetAt - at, w.pausedUntil - at, w.assumed and 1 or 0 }
`);

/**
 * KEYS: window. ARGV: time, limit, remaining, reset, end of the pause: each may be empty, and the
 * last two are relative to now.
 */
const update = scriptOf(`${window}
local at, limit, remaining = timeOf(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local toldReset = ARGV[4] ~= '' and at + tonumber(ARGV[4]) or nil
local w = windowAt(read(KEYS[1]), at, limit or 1, at)
if ARGV[5] ~= '' then w.pausedUntil = math.max(w.pausedUntil, at + tonumber(ARGV[5])) end

local resetAt = toldReset or w.resetAt
local distance = resetAt - w.resetAt
if resetAt > at and (w.assumed or distance >= -sameResetMs) then
  local newLimit = limit or w.limit
  if not w.assumed and distance > sameResetMs then
    w.remaining = remaining or newLimit
  else
    local ours = math.max(0, w.remaining + newLimit - w.limit)
    w.remaining = math.min(ours, remaining or ours)
    w.assumed = w.assumed and not toldReset
  end
  w.limit = newLimit
  w.resetAt = resetAt
end
keep(KEYS[1], w, at)
return { 1 }
`);

/**
 * The budgets that all replicas share. Times are sent and received relative to now: the scripts use
 * Redis's clock, and each replica converts the results to its clock.
 */
export function createRedisBudgetStore(
  link: Pick<RedisLink, 'run'>,
  keyspace: Keyspace,
  replicaId: string = randomUUID(),
): BudgetStore {
  const keyOf = (tenant: string) => `${keyspace.prefix}:{${tenant}}:budget`;
  const relative = (time: number | undefined, now: number) =>
    time === undefined ? '' : String(time - now);
  const text = (value: number | undefined) => (value === undefined ? '' : String(value));

  return {
    async take(tenant, { now, assumedLimit, reserve }) {
      const keys = [keyOf(tenant), `${keyOf(tenant)}:takers`];
      const args = [timeArgument(keyspace), assumedLimit, reserve, replicaId];
      const [taken = 0, activeReplicas = 1, ...window] = numbersOf(
        await link.run(take, keys, args),
      );
      const [limit = 0, remaining = 0, resetInMs = 0, pausedForMs = 0, assumed = 0] = window;
      return {
        isTaken: taken === 1,
        activeReplicas,
        limit,
        remaining,
        resetAtMs: now + resetInMs,
        pausedUntilMs: now + pausedForMs,
        isAssumed: assumed === 1,
      };
    },
    async update(tenant, { now, limit, remaining, resetAtMs, pausedUntilMs }) {
      const times = [relative(resetAtMs, now), relative(pausedUntilMs, now)];
      const args = [timeArgument(keyspace), text(limit), text(remaining), ...times];
      await link.run(update, [keyOf(tenant)], args);
    },
  };
}
