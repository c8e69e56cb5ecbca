import { systemClock } from '../../../src/core/clock.ts';
import { createRedis } from '../../../src/store/redis/create-redis.ts';
import { WIDE_KEYS } from './lot.ts';

/** A second of the bucket for each request, and a sixteenth of one for each token: whole microseconds, and too small to be leased. */
export const WIDE_LIMITS = { rpd: 86_400, tpd: 1_382_400 };
const DAY_US = 86_400e6;

/** What the limiter has counted for the wide keys together, from a moment that is the same each time. */
export interface LimiterCount {
  requests: number;
  tokens: number;
}

/**
 * Reads the buckets in Redis. Their arrival times go up by what was taken and settled, and by nothing else as long as they are never empty; so the
 * difference between two readings is the count, to the token.
 */
export async function readLimiter(redisUrl: string): Promise<LimiterCount> {
  const redis = await createRedis({ url: redisUrl, clock: systemClock, log: { info() {}, error() {} } });
  const count = { requests: 0, tokens: 0 };
  try {
    for (const key of WIDE_KEYS) {
      count.requests += (await arrivalOf(`key:${key}:rpd`)) / (DAY_US / WIDE_LIMITS.rpd);
      count.tokens += (await arrivalOf(`key:${key}:tpd`)) / (DAY_US / WIDE_LIMITS.tpd);
    }
  } finally {
    await redis.close();
  }
  return count;

  async function arrivalOf(gate: string): Promise<number> {
    const level = await redis.command('GET', `{xidao}:g:${gate}`);
    if (typeof level !== 'string') throw new Error(`Redis knows nothing of ${gate}: its bucket ran empty.`);
    return Number(level.split(' ')[0]);
  }
}

/** What was counted between two readings. */
export function countedSince(before: LimiterCount, after: LimiterCount): LimiterCount {
  return {
    requests: Math.round((after.requests - before.requests) * 1e3) / 1e3,
    tokens: Math.round((after.tokens - before.tokens) * 1e3) / 1e3,
  };
}
