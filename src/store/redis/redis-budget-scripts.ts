import { scriptOf } from './redis-script.ts';

// budget-window.ts in Lua, function by function; the contract test of the stores compares the two.

/**
 * A budget is a hash: the fields of a window, its incarnation, and `call:<ticket>` with the time
 * after which the call counts as lost. It has no time to live, so that `volatile-lru` never evicts
 * it. The index of a group of tenants has the time at which each budget is deleted, a minute after its
 * window or its pause; of more than 400 budgets of a group, those are deleted that would be next. A key of another type,
 * a window that cannot be read, and one whose reset is more than an hour away count as lost.
 */
const window = `
local windowMs, sameResetMs, lostMs, hourMs, sharerMs = 60000, 2000, 2000, 3600000, 15000
local rememberedMs, maxBudgets = 60000, 400

local function numberOf(text)
  local number = tonumber(text or '')
  if number and number > -1e15 and number < 1e15 then return number end
end

local function read(key, at)
  if not isOfType(key, 'hash') then return nil end
  local raw, fields, calls, size = redis.call('HGETALL', key), {}, {}, 0
  for i = 1, #raw, 2 do
    local ticket = string.match(raw[i], '^call:(.+)$')
    if ticket then
      local untilMs = numberOf(raw[i + 1])
      if untilMs and untilMs <= at + hourMs then calls[ticket], size = untilMs, size + 1 end
    else
      fields[raw[i]] = numberOf(raw[i + 1])
    end
  end
  local w = { limit = fields.limit, remaining = fields.remaining, reported = fields.reported,
    lost = fields.lost or 0,
    reset = fields.reset, first = fields.first, previous = fields.previous,
    paused = fields.paused, assumed = fields.assumed == 1, needsProbe = fields.needsProbe == 1,
    incarnation = fields.incarnation, calls = calls, size = size }
  for i = 1, #raw, 2 do
    if raw[i] == 'probe' and calls[raw[i + 1]] then w.probe = raw[i + 1] end
  end
  if not (w.limit and w.remaining and w.reset and w.first and w.paused and w.incarnation) then
    return nil
  end
  if w.reset > at + hourMs or w.first > at + hourMs then return nil end
  if w.paused > at + hourMs then w.paused = 0 end
  return w
end

local function write(key, index, w, at)
  local fields = { 'limit', w.limit, 'remaining', w.remaining, 'reset', w.reset, 'first', w.first,
    'paused', w.paused, 'assumed', w.assumed and 1 or 0, 'needsProbe', w.needsProbe and 1 or 0,
    'incarnation', w.incarnation, 'lost', w.lost }
  local function add(name, value)
    if value then fields[#fields + 1], fields[#fields + 2] = name, value end
  end
  add('reported', w.reported)
  add('previous', w.previous)
  add('probe', w.probe)
  for ticket, untilMs in pairs(w.calls) do add('call:' .. ticket, untilMs) end
  for i, value in ipairs(fields) do
    if type(value) == 'number' then fields[i] = string.format('%.0f', value) end
  end
  redis.call('DEL', key)
  redis.call('HSET', key, unpack(fields))
  isOfType(index, 'zset')
  redis.call('ZADD', index, math.max(w.reset, w.paused) + rememberedMs, key)
  local unused = redis.call('ZRANGEBYSCORE', index, '-inf', at, 'LIMIT', 0, 10)
  if #unused == 0 and redis.call('ZCARD', index) > maxBudgets then
    unused = redis.call('ZRANGE', index, 0, 1)
  end
  for _, name in ipairs(unused) do
    redis.call('DEL', name)
    redis.call('ZREM', index, name)
  end
end

local function withoutCall(w, ticket, lost)
  w.calls[ticket], w.size = nil, w.size - 1
  w.lost = w.lost + lost
  if w.probe == ticket then w.probe = nil end
end

local function windowAt(w, at, assumedLimit, endsAt, incarnation, needsProbe)
  if not w or w.reset <= at then
    local limit, calls, size = w and w.limit or assumedLimit, {}, 0
    for ticket, untilMs in pairs(w and w.calls or {}) do
      if untilMs > w.reset then calls[ticket], size = untilMs, size + 1 end
    end
    local previous = w and w.reset
    if w and w.assumed then previous = w.previous end
    if w then needsProbe = w.needsProbe end
    w = { limit = limit, remaining = limit - size, lost = 0, reset = endsAt, first = endsAt,
      previous = previous, paused = w and w.paused or 0, assumed = true,
      needsProbe = needsProbe, probe = w and calls[w.probe or ''] and w.probe or nil, calls = calls, size = size,
      incarnation = w and w.incarnation or incarnation }
  end
  local lost = {}
  for ticket, untilMs in pairs(w.calls) do
    if untilMs <= at then lost[#lost + 1] = ticket end
  end
  for _, ticket in ipairs(lost) do withoutCall(w, ticket, 1) end
  return w
end

local function raise(w)
  if w.reported then w.remaining = math.max(w.remaining, w.reported - w.lost - w.size) end
end
`;

/**
 * KEYS: budget, index of budgets, replicas that take. ARGV: time, assumed limit,
 * reserve, id of the replica, ticket, longest duration of the call, known incarnation or empty, a
 * new incarnation, whether a new budget needs a probe (1). Returns whether a request was taken (1),
 * the call is pending (2) or the incarnation is another (3); the number of active replicas; the
 * incarnation; the window, with its times relative to now.
 */
export const take = scriptOf(`${window}
local at, assumedLimit, reserve = timeOf(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local stored = read(KEYS[1], at)
local isOther = ARGV[7] ~= '' and not (stored and stored.incarnation == tonumber(ARGV[7]))
local w = windowAt(stored, at, assumedLimit, at + windowMs, tonumber(ARGV[8]), ARGV[9] == '1')
local outcome = 0
if isOther then outcome = 3
elseif w.paused <= at and w.remaining > math.floor(w.limit * reserve) then
  if w.needsProbe and w.probe then outcome = 2
  else
    outcome = 1
    w.remaining = w.remaining - 1
    w.probe = w.needsProbe and ARGV[5] or nil
    w.calls[ARGV[5]], w.size = at + tonumber(ARGV[6]), w.size + 1
  end
end
if not isOther then write(KEYS[1], KEYS[2], w, at) end
isOfType(KEYS[3], 'zset')
redis.call('ZADD', KEYS[3], at, ARGV[4])
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', at - sharerMs)
redis.call('PEXPIRE', KEYS[3], sharerMs)
return { outcome, redis.call('ZCARD', KEYS[3]), w.incarnation, w.limit, math.max(0, w.remaining),
  w.reset - at, w.paused - at, w.assumed and 1 or 0 }
`);

/**
 * KEYS: budget, index of budgets. ARGV: time, limit, remaining, reset, end of the pause: each may
 * be empty, and the last two are relative to now; ticket and end of the call, which may be empty; a
 * new incarnation; whether a new budget needs a probe (1).
 */
export const update = scriptOf(`${window}
local at, limit, remaining = timeOf(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local toldReset = ARGV[4] ~= '' and at + tonumber(ARGV[4]) or nil
local ticket, ended = ARGV[6], ARGV[7]
local w = windowAt(read(KEYS[1], at), at, limit or 1, at, tonumber(ARGV[8]), ARGV[9] == '1')
local isInFlight = w.calls[ticket] ~= nil

local function report()
  local reset = toldReset or w.first
  local distance = reset - w.first
  local isEarlier = not w.assumed and distance < -sameResetMs
  local isPrevious = toldReset and w.previous and math.abs(toldReset - w.previous) <= sameResetMs
  local function settle(lost) if isInFlight then withoutCall(w, ticket, lost) end end
  if isInFlight and (w.assumed or isEarlier) and isPrevious then
    settle(0)
    w.remaining = w.remaining + 1
    return raise(w)
  end
  if isEarlier or reset <= at then
    settle(1)
    return raise(w)
  end
  local newLimit = limit or w.limit
  if not w.assumed and distance > sameResetMs then
    settle(0)
    w.previous, w.reported, w.limit, w.reset, w.first =
      w.reset, remaining or newLimit, newLimit, reset, reset
    w.remaining, w.lost = w.reported - w.size, 0
    return
  end
  local isReset = w.assumed and toldReset
  settle(remaining and 0 or 1)
  w.remaining = w.remaining + newLimit - w.limit
  w.limit = newLimit
  w.reset = isReset and reset or math.max(w.reset, reset)
  w.first = isReset and reset or w.first
  w.assumed = w.assumed and not isReset
  if remaining then
    w.reported = math.min(w.reported or remaining, remaining)
    if remaining < w.remaining then w.remaining = w.reported - w.lost - w.size end
  end
  raise(w)
end

local isProbe = w.probe ~= nil and w.probe == ticket
if ARGV[5] ~= '' then
  w.paused, w.needsProbe = math.max(w.paused, at + tonumber(ARGV[5])), true
elseif isProbe and ended == 'answered' then w.needsProbe = false
end
if ended == 'lost' and isInFlight then
  w.calls[ticket] = at + lostMs
  if isProbe then w.probe = nil end
elseif ended == 'unsent' and isInFlight then
  w.remaining = w.remaining + 1
  withoutCall(w, ticket, 0)
  raise(w)
else
  report()
end
write(KEYS[1], KEYS[2], w, at)
return { 1 }
`);

/**
 * KEYS: budget, index of budgets. ARGV: time, limit, remaining, reset and end of the pause,
 * relative to now, longest duration of a call, a new incarnation, tickets.
 */
export const restore = scriptOf(`${window}
local at, limit, remaining = timeOf(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local reset, paused = at + tonumber(ARGV[4]), at + tonumber(ARGV[5])
local w = windowAt(read(KEYS[1], at), at, limit, at, tonumber(ARGV[7]), true)
local sizeBefore = w.size
for i = 8, #ARGV do
  if not w.calls[ARGV[i]] then
    w.calls[ARGV[i]], w.size = at + tonumber(ARGV[6]), w.size + 1
  end
end
w.paused, w.needsProbe = math.max(w.paused, paused), true
local distance = reset - w.first
if reset <= at or (not w.assumed and distance < -sameResetMs) then
  w.remaining = w.remaining - (w.size - sizeBefore)
elseif w.assumed or distance > sameResetMs then
  w.limit, w.reported, w.reset, w.first, w.previous, w.assumed = limit, nil, reset, reset, nil, false
  w.remaining, w.lost = remaining - (w.size - (#ARGV - 7)), 0
else
  w.remaining = math.min(w.remaining, remaining)
end
write(KEYS[1], KEYS[2], w, at)
return { 1 }
`);

/**
 * KEYS: budget. ARGV: time. Returns the limit, what remains, and the reset relative to now; nothing
 * if no response has reported what remains, or if the window has ended.
 */
export const peek = scriptOf(`${window}
local at = timeOf(ARGV[1])
local w = read(KEYS[1], at)
if not w or w.assumed or not w.reported or w.reset <= at then return {} end
return { w.limit, math.max(0, w.remaining), w.reset - at }
`);
