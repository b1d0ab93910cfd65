import { scriptOf } from './redis-script.ts';

// A page is a hash: when its call was sent and its answer came, by Redis's time, under which claim, and the bytes.
// Nothing sent before the tenant was dropped counts any more.

/** KEYS page, dropped. ARGV time, how old it may be. Replies: since when dropped or -1, then age and bytes. */
export const find = scriptOf(`
local at = timeOf(ARGV[1])
local dropped = tonumber(redis.call('GET', KEYS[2]) or '-1')
local droppedAgo = dropped < 0 and -1 or at - dropped
local sentAt = tonumber(redis.call('HGET', KEYS[1], 'sentAt') or '-1')
if sentAt <= dropped or at - sentAt >= tonumber(ARGV[2]) then return { droppedAgo } end
return { droppedAgo, at - sentAt, redis.call('HGET', KEYS[1], 'bytes') }
`);

/**
 * KEYS page, dropped, lease. ARGV time, how long ago it may have been sent, and received, token, life of a lease,
 * the claim that is waited for: what came under it will do, whenever. Replies: age and bytes; or the time, with the
 * lease; or who has it.
 */
export const claim = scriptOf(`
local at = timeOf(ARGV[1])
local dropped = tonumber(redis.call('GET', KEYS[2]) or '-1')
local times = redis.call('HMGET', KEYS[1], 'sentAt', 'receivedAt', 'token')
local sentAt = tonumber(times[1] or '-1')
local isInTime = sentAt > dropped and at - sentAt <= tonumber(ARGV[2])
if isInTime and (at - times[2] < tonumber(ARGV[3]) or times[3] == ARGV[6]) then
  return { at - sentAt, redis.call('HGET', KEYS[1], 'bytes') }
end
if redis.call('SET', KEYS[3], ARGV[4], 'NX', 'PX', ARGV[5]) then return { at } end
return { redis.call('GET', KEYS[3]) }
`);

/** KEYS page, dropped, lease. ARGV time, token, when it was sent, bytes, how long it is kept. Ends the lease. */
export const put = scriptOf(`
local at, sentAt = timeOf(ARGV[1]), tonumber(ARGV[3])
if redis.call('GET', KEYS[3]) == ARGV[2] then redis.call('DEL', KEYS[3]) end
local dropped = tonumber(redis.call('GET', KEYS[2]) or '-1')
local before = tonumber(redis.call('HGET', KEYS[1], 'sentAt') or '-1')
if sentAt <= dropped or sentAt < before then return { 0 } end
redis.call('HSET', KEYS[1], 'sentAt', sentAt, 'receivedAt', at, 'token', ARGV[2],
  'bytes', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return { 1 }
`);

/** KEYS dropped. ARGV time, how long pages are kept. */
export const drop = scriptOf(`
redis.call('SET', KEYS[1], timeOf(ARGV[1]), 'PX', ARGV[2])
return { 1 }
`);
