import { scriptOf } from './redis-script.ts';

// A page is a hash: `sentAt` and `receivedAt` of its response by Redis's time, the `token` of the
// claim it was stored with, and its `bytes`. A page sent before the tenant was dropped is ignored.
//
// The clock of Redis is a wall clock, which can be set back. What is from the future was written
// before that: a page is a miss and is replaced, a drop counts as of now, and a lease has ended.

/** `droppedTime` of KEYS, time, time to live of pages: when the tenant was dropped, or -1. */
const droppedTime = `
local function droppedTime(key, at, lifetime)
  local dropped = tonumber(redis.call('GET', key) or '-1')
  if dropped <= at then return dropped end
  redis.call('SET', key, at, 'PX', lifetime)
  return at
end
`;

/**
 * KEYS: page, dropped. ARGV: time, maximum age, time to live of pages. Returns how long ago the
 * tenant was dropped, or -1; then, if there is a page, its age and its bytes.
 */
export const find = scriptOf(`${droppedTime}
local at = timeOf(ARGV[1])
local dropped = droppedTime(KEYS[2], at, ARGV[3])
local droppedAgo = dropped < 0 and -1 or at - dropped
local sentAt = tonumber(redis.call('HGET', KEYS[1], 'sentAt') or '-1')
local isInTime = sentAt > dropped and sentAt <= at and at - sentAt < tonumber(ARGV[2])
if not isInTime then return { droppedAgo } end
return { droppedAgo, at - sentAt, redis.call('HGET', KEYS[1], 'bytes') }
`);

/**
 * KEYS: page, dropped, lease. ARGV: time, maximum age since it was sent, and since it was received,
 * token, time to live of the lease, awaited token, time to live of pages. A page stored with the
 * awaited token may have been received at any time. Returns the age and bytes of a page; or the
 * time, if the lease was acquired; or the token of the lease's holder.
 */
export const claim = scriptOf(`${droppedTime}
local at = timeOf(ARGV[1])
local dropped = droppedTime(KEYS[2], at, ARGV[7])
local times = redis.call('HMGET', KEYS[1], 'sentAt', 'receivedAt', 'token')
local sentAt = tonumber(times[1] or '-1')
local receivedAt = tonumber(times[2] or '-1')
local isInTime = sentAt > dropped and receivedAt <= at and at - sentAt <= tonumber(ARGV[2])
if isInTime and (at - receivedAt < tonumber(ARGV[3]) or times[3] == ARGV[6]) then
  return { at - sentAt, redis.call('HGET', KEYS[1], 'bytes') }
end
if redis.call('PTTL', KEYS[3]) > tonumber(ARGV[5]) then redis.call('DEL', KEYS[3]) end
if redis.call('SET', KEYS[3], ARGV[4], 'NX', 'PX', ARGV[5]) then return { at } end
return { redis.call('GET', KEYS[3]) }
`);

/**
 * KEYS: page, dropped, lease. ARGV: time, token, when the call was sent, bytes, time to live of the
 * page, its age by the replica's clock. Stores the page, unless a newer one is stored, and deletes
 * the lease.
 */
export const put = scriptOf(`${droppedTime}
local at = timeOf(ARGV[1])
local sentAt = math.min(tonumber(ARGV[3]), at - tonumber(ARGV[6]))
if redis.call('GET', KEYS[3]) == ARGV[2] then redis.call('DEL', KEYS[3]) end
local dropped = droppedTime(KEYS[2], at, ARGV[5])
local before = tonumber(redis.call('HGET', KEYS[1], 'sentAt') or '-1')
if sentAt <= dropped or (sentAt < before and before <= at) then return { 0 } end
redis.call('HSET', KEYS[1], 'sentAt', sentAt, 'receivedAt', at, 'token', ARGV[2],
  'bytes', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return { 1 }
`);

/** KEYS: dropped. ARGV: time, time to live of pages. */
export const drop = scriptOf(`
redis.call('SET', KEYS[1], timeOf(ARGV[1]), 'PX', ARGV[2])
return { 1 }
`);
