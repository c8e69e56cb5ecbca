import { createMemoryGates } from './admission/gates/memory-gates.ts';
import type { Clock } from './core/clock.ts';
import { createIds } from './core/ids.ts';
import type { Gates } from './core/limits.ts';
import { createRedis, type Redis } from './store/redis/create-redis.ts';
import { createRedisGates } from './store/redis/redis-gates.ts';
import type { StoreLog } from './store/store.ts';

/** What this node shares with the others; nothing, where there is no Redis. */
export interface Nodes {
  gates: Gates;
  redis: Redis | undefined;
  /** Tells the other nodes; what cannot be told is not: news are advice, and nothing rests on them. */
  tell(channel: Channel, news: object): void;
  /** Hears what other nodes tell, and never what this one told. */
  hear(channel: Channel, take: (news: unknown) => void): void;
  /** Writes down what is left to be written, and leaves. */
  close(): Promise<void>;
}

/** `changes`: keys and tenants were changed. `breakers`: a target was shut or opened again. `ties`: a conversation goes to a target, where its prompt is cached. */
export type Channel = 'changes' | 'breakers' | 'ties';

/** Joins the nodes that share the Redis at `url`; empty: this one is alone. A Redis that is away now is found when it comes. */
export async function joinNodes({ url, clock, log }: { url: string; clock: Clock; log: StoreLog }): Promise<Nodes> {
  const local = createMemoryGates({ clock });
  if (url === '') return { gates: local, redis: undefined, tell() {}, hear() {}, close: async () => {} };
  const redis = await createRedis({ url, clock, log });
  const node = createIds('node')();
  const gates = createRedisGates({ redis, local, clock, node });
  return {
    gates,
    redis,
    tell(channel, news) {
      redis.publish(`xidao:${channel}`, JSON.stringify({ node, news }));
    },
    hear(channel, take) {
      redis.subscribe(`xidao:${channel}`, (message) => {
        const told = readNews(message);
        if (told !== undefined && told.node !== node) take(told.news);
      });
    },
    async close() {
      await gates.close();
      await redis.close();
    },
  };
}

/** Undefined for what no node of this kind has told. */
function readNews(message: string): { node: string; news: unknown } | undefined {
  try {
    const told: unknown = JSON.parse(message);
    if (typeof told !== 'object' || told === null || !('node' in told) || !('news' in told)) return undefined;
    return { node: String(told.node), news: told.news };
  } catch {
    return undefined;
  }
}
