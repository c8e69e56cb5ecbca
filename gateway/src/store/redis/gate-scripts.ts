import { defineScript } from './create-redis.ts';

/**
 * What lies in Redis, all under one hash tag so that one script may touch it all:
 * `{xidao}:g:ID` a bucket: "arrival refunds" (microseconds of Redis' own clock; GCRA's theoretical arrival time, and all that was ever given back);
 * slots: a sorted set of holders by expiry; a sum: a hash of `s` spent, `h` held, `h:HOLDER` each hold, with `…:x` its holders by expiry.
 * Numbers are written with %.0f, as Lua's own way would round beyond 14 digits.
 */
export const PREFIX = '{xidao}:';
/** Named by the first node that finds it missing: where it is another than before, Redis has lost what was in it. */
export const EPOCH = `${PREFIX}epoch`;

const COMMON = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local now_ms = math.floor(now / 1000)
local function text(number) return string.format('%.0f', number) end
local function read_bucket(key)
  local raw = redis.call('GET', key)
  local arrival, refunds = 0, 0
  if raw then
    local a, r = string.match(raw, '(%d+) (%d+)')
    arrival, refunds = tonumber(a), tonumber(r)
  end
  return arrival, refunds
end
local function write_bucket(key, arrival, refunds)
  if arrival <= now then redis.call('DEL', key) return end
  redis.call('SET', key, text(arrival) .. ' ' .. text(refunds), 'PX', text(math.ceil((arrival - now) / 1000) + 1000))
end
local function read_sum(key)
  local both = redis.call('HMGET', key, 's', 'h')
  return tonumber(both[1] or '0'), tonumber(both[2] or '0')
end
local function release_hold(key, holders, id)
  local amount = redis.call('HGET', key, 'h:' .. id)
  if amount then
    -- Redis takes no '-0'.
    if amount ~= '0' then redis.call('HINCRBY', key, 'h', '-' .. amount) end
    redis.call('HDEL', key, 'h:' .. id)
  end
  redis.call('ZREM', holders, id)
end
local function sweep_holds(key, holders)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', holders, '-inf', now_ms)) do release_hold(key, holders, id) end
end
local function keep_sum(key, holders, ends_at)
  local keep = math.max(60000, tonumber(ends_at) - now_ms + 86400000)
  redis.call('PEXPIRE', key, text(keep))
  redis.call('PEXPIRE', holders, text(keep))
end
`;

/**
 * Takes from all gates or from none. ARGV: the holder, its time to live (ms), then for each gate its kind and three numbers: bucket (b) capacity,
 * increment, extra; slots (s) limit; sum (m) limit, amount, end. Gives {1, mark, other, extra, …} or {0, index, level, over, spent}.
 */
export const TAKE = defineScript(`${COMMON}
local id, ttl = ARGV[1], tonumber(ARGV[2])
local key, plan, answer = 1, {}, {'1'}
local count = (#ARGV - 2) / 4
for i = 0, count - 1 do
  local word = 3 + i * 4
  local kind, a, b, c = ARGV[word], tonumber(ARGV[word + 1]), tonumber(ARGV[word + 2]), tonumber(ARGV[word + 3])
  if kind == 'b' then
    local arrival, refunds = read_bucket(KEYS[key])
    if arrival < now then arrival = now end
    local over = arrival + b - now - a
    if over > 0 then return {'0', tostring(i), text(arrival - now), text(over), '0'} end
    local extra = math.max(0, math.min(c, -over))
    plan[i] = {arrival + b + extra, refunds, extra}
    key = key + 1
  elseif kind == 's' then
    redis.call('ZREMRANGEBYSCORE', KEYS[key], '-inf', now_ms)
    local held = redis.call('ZCARD', KEYS[key])
    if held + 1 > a then return {'0', tostring(i), tostring(held), '0', '0'} end
    plan[i] = {held + 1, 0, 0}
    key = key + 1
  else
    sweep_holds(KEYS[key], KEYS[key + 1])
    local spent, held = read_sum(KEYS[key])
    if spent + held + b > a then return {'0', tostring(i), text(spent + held), '0', text(spent)} end
    plan[i] = {spent, held + b, 0}
    key = key + 2
  end
end
key = 1
for i = 0, count - 1 do
  local word = 3 + i * 4
  local kind = ARGV[word]
  if kind == 'b' then
    write_bucket(KEYS[key], plan[i][1], plan[i][2])
    plan[i][1] = plan[i][1] - now
    key = key + 1
  elseif kind == 's' then
    redis.call('ZADD', KEYS[key], text(now_ms + ttl), id)
    redis.call('PEXPIRE', KEYS[key], text(ttl * 2))
    key = key + 1
  else
    redis.call('HSET', KEYS[key], 'h:' .. id, ARGV[word + 2])
    redis.call('HINCRBY', KEYS[key], 'h', ARGV[word + 2])
    redis.call('ZADD', KEYS[key + 1], text(now_ms + ttl), id)
    keep_sum(KEYS[key], KEYS[key + 1], ARGV[word + 3])
    key = key + 2
  end
  for part = 1, 3 do answer[#answer + 1] = text(plan[i][part]) end
end
answer[#answer + 1] = text(now)
return answer
`);

/**
 * Books what is over, each batch once, however often it is sent. KEYS[1] holds the number of the node's last batch, ARGV[1] is this one's. Then entries of a kind and
 * five words: bucket (b) capacity, change, mark, refunds before, period; bucket at least (a), should Redis have forgotten it, level, epoch that was; slot (s) holder; sum (m) holder, spent, end; spent at least (r) spent, end.
 */
export const BOOK = defineScript(`${COMMON}
local last = redis.call('GET', KEYS[1])
if last and tonumber(last) >= tonumber(ARGV[1]) then return 0 end
local key = 2
for word = 2, #ARGV, 6 do
  local kind = ARGV[word]
  if kind == 'b' then
    local capacity, change, mark = tonumber(ARGV[word + 1]), tonumber(ARGV[word + 2]), tonumber(ARGV[word + 3])
    local before, period = tonumber(ARGV[word + 4]), tonumber(ARGV[word + 5])
    local arrival, refunds = read_bucket(KEYS[key])
    if change > 0 then
      local value = math.min(math.max(arrival, now) + change, now + capacity + period)
      write_bucket(KEYS[key], math.max(arrival, value), refunds)
    elseif refunds >= before then
      local back = math.min(-change, mark - now - (refunds - before))
      if back > 0 then write_bucket(KEYS[key], arrival - back, refunds + back) end
    end
    key = key + 1
  elseif kind == 'a' then
    if redis.call('GET', KEYS[key + 1]) ~= ARGV[word + 2] then
      local arrival, refunds = read_bucket(KEYS[key])
      write_bucket(KEYS[key], math.max(arrival, now + tonumber(ARGV[word + 1])), refunds)
    end
    key = key + 2
  elseif kind == 's' then
    redis.call('ZREM', KEYS[key], ARGV[word + 1])
    key = key + 1
  elseif kind == 'm' then
    release_hold(KEYS[key], KEYS[key + 1], ARGV[word + 1])
    if ARGV[word + 2] ~= '0' then redis.call('HINCRBY', KEYS[key], 's', ARGV[word + 2]) end
    keep_sum(KEYS[key], KEYS[key + 1], ARGV[word + 3])
    key = key + 2
  else
    local spent = read_sum(KEYS[key])
    if spent < tonumber(ARGV[word + 1]) then redis.call('HSET', KEYS[key], 's', ARGV[word + 1]) end
    keep_sum(KEYS[key], KEYS[key + 1], ARGV[word + 2])
    key = key + 2
  end
end
redis.call('SET', KEYS[1], ARGV[1], 'EX', 86400)
return 1
`);

/**
 * Says that this node lives and still holds what it holds, also to a Redis that has forgotten it. KEYS: the nodes, the epoch, then those of the holdings. ARGV: node, time to live (ms), then for each
 * holding its kind, holder, amount and end. Gives the number of living nodes, and the epoch.
 */
export const RENEW = defineScript(`${COMMON}
local ttl = tonumber(ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now_ms)
redis.call('ZADD', KEYS[1], text(now_ms + ttl), ARGV[1])
redis.call('SET', KEYS[2], ARGV[1] .. ' ' .. text(now), 'NX')
local key = 3
for word = 3, #ARGV, 4 do
  local id = ARGV[word + 1]
  if ARGV[word] == 's' then
    redis.call('ZADD', KEYS[key], text(now_ms + ttl), id)
    redis.call('PEXPIRE', KEYS[key], text(ttl * 2))
    key = key + 1
  else
    if redis.call('HSETNX', KEYS[key], 'h:' .. id, ARGV[word + 2]) == 1 then redis.call('HINCRBY', KEYS[key], 'h', ARGV[word + 2]) end
    redis.call('ZADD', KEYS[key + 1], text(now_ms + ttl), id)
    keep_sum(KEYS[key], KEYS[key + 1], ARGV[word + 3])
    key = key + 2
  end
end
return {redis.call('ZCARD', KEYS[1]), redis.call('GET', KEYS[2])}
`);

/** How one gate stands, taking nothing. ARGV: its kind. Gives its level. */
export const PEEK = defineScript(`${COMMON}
if ARGV[1] == 'b' then
  local arrival = read_bucket(KEYS[1])
  return text(math.max(0, arrival - now))
elseif ARGV[1] == 's' then
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now_ms)
  return tostring(redis.call('ZCARD', KEYS[1]))
end
sweep_holds(KEYS[1], KEYS[2])
local spent, held = read_sum(KEYS[1])
return text(spent + held)
`);

/** The node says goodbye. */
export const LEAVE = defineScript(`return redis.call('ZREM', KEYS[1], ARGV[1])`);
