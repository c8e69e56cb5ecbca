import { createHash } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import type { StoreLog } from '../store.ts';

/** A Redis that may go and come back. Nothing waits for it longer than a moment, and nothing is queued while it is away. */
export interface Redis {
  readonly isUp: boolean;
  /** Undefined while it answers; else why not. */
  whyDown(): string | undefined;
  /** Runs a command. Rejects at once while Redis is away, and when no answer has come in time. */
  command(...words: readonly string[]): Promise<unknown>;
  /** Runs a script, all or nothing. Rejects as `command` does; whether the script ran is then not known. */
  run(script: Script, keys: readonly string[], words: readonly string[]): Promise<unknown>;
  /** Tells all nodes that listen on a channel, this one too. Nobody is told later what was said while Redis was away. */
  publish(channel: string, message: string): void;
  /** Listens on a channel, over every reconnection. The result ends it. */
  subscribe(channel: string, hear: (message: string) => void): () => void;
  /** Calls back each time that Redis is there again, now too if it is. What was said on channels meanwhile was missed. The result ends it. */
  onUp(listener: () => void): () => void;
  close(): Promise<void>;
}

/** A Lua script and the name that Redis knows it by. */
export interface Script {
  readonly source: string;
  readonly sha: string;
}

export interface RedisOptions {
  /** `redis://` or `rediss://`, as under `redis.url`. */
  url: string;
  log: StoreLog;
  clock: Pick<Clock, 'setTimeout'>;
  /** How long an answer may take. */
  timeoutMs?: number;
}

const TIMEOUT_MS = 500;
const LONGEST_PAUSE_MS = 2_000;
/** How often a Redis that does not answer is asked whether it does again. */
const PROBE_MS = 500;
const PROBE_KEY = '{xidao}:probe';
/** What the start waits for Redis. */
const FIRST_CONNECTION_MS = 2_000;

export function defineScript(source: string): Script {
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}

/** Connects. A Redis that is away is no error: the result is down, and goes on trying. */
export async function createRedis({ url, log, clock, timeoutMs = TIMEOUT_MS }: RedisOptions): Promise<Redis> {
  const { createClient } = await import('redis');
  const client = createClient({
    url,
    disableOfflineQueue: true,
    socket: {
      connectTimeout: 5_000,
      reconnectStrategy: (retries: number) => Math.min(50 * 2 ** Math.min(retries, 6), LONGEST_PAUSE_MS),
    },
  });
  const hearing = client.duplicate({ disableOfflineQueue: false });
  const listeners = new Set<() => void>();
  const channels = new Map<string, Set<(message: string) => void>>();
  let reason: string | undefined = 'It has not been reached yet.';
  let isClosing = false;
  let isProbing = false;

  function rise(): void {
    if (reason === undefined || isClosing) return;
    reason = undefined;
    log.info({}, 'Redis answers.');
    for (const listener of [...listeners]) listener();
  }

  function fall(why: string): void {
    if (isClosing) return;
    if (reason === undefined) log.error({ reason: why }, 'Redis is away.');
    reason = why;
  }

  // An error without a listener would end the process.
  client.on('error', (error: Error) => fall(error.message === '' ? error.name : error.message));
  client.on('reconnecting', () => fall(reason ?? 'The connection broke off.'));
  client.on('ready', rise);
  hearing.on('error', () => {});

  /** Redis holds the connection and says nothing, or refuses to write: tried until it does. */
  function probe(): void {
    if (isProbing || isClosing) return;
    isProbing = true;
    clock.setTimeout(async () => {
      isProbing = false;
      if (isClosing || reason === undefined || !client.isReady) return;
      try {
        await inTime(client.sendCommand(['SET', PROBE_KEY, '1', 'PX', '1000']));
        rise();
      } catch {
        probe();
      }
    }, PROBE_MS);
  }

  function inTime<T>(answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = clock.setTimeout(() => {
        fall(`No answer came within ${timeoutMs} ms.`);
        probe();
        reject(new Error('Redis did not answer in time.'));
      }, timeoutMs);
      answer.then(
        (value) => {
          timer.cancel();
          resolve(value);
        },
        (error) => {
          timer.cancel();
          reject(error);
        },
      );
    });
  }

  function command(...words: readonly string[]): Promise<unknown> {
    if (reason !== undefined) return Promise.reject(new Error(`Redis is away: ${reason}`));
    return inTime(client.sendCommand(words));
  }

  const hear = (message: string, channel: string) => {
    for (const one of channels.get(channel) ?? []) one(message);
  };

  await new Promise<void>((resolve) => {
    clock.setTimeout(resolve, FIRST_CONNECTION_MS);
    client.once('error', () => resolve());
    client.connect().then(
      () => resolve(),
      (error: Error) => fall(error.message),
    );
    hearing.connect().catch(() => {});
  });

  return {
    get isUp() {
      return reason === undefined;
    },
    whyDown: () => reason,
    command,
    async run({ source, sha }, keys, words) {
      const rest = [String(keys.length), ...keys, ...words];
      try {
        return await command('EVALSHA', sha, ...rest);
      } catch (error) {
        // Not known yet to this Redis, or no more after its restart.
        if (error instanceof Error && error.message.startsWith('NOSCRIPT')) return command('EVAL', source, ...rest);
        // It answers and refuses, as one that is full or may only be read: as good as away until it does not.
        if (reason === undefined) {
          fall((error as Error).message);
          probe();
        }
        throw error;
      }
    },
    publish(channel, message) {
      command('PUBLISH', channel, message).catch(() => {});
    },
    subscribe(channel, one) {
      const known = channels.get(channel);
      if (known !== undefined) known.add(one);
      else {
        channels.set(channel, new Set([one]));
        // The client subscribes again by itself after each reconnection.
        hearing.subscribe(channel, hear).catch(() => {});
      }
      return () => {
        const ones = channels.get(channel);
        ones?.delete(one);
        if (ones?.size !== 0) return;
        channels.delete(channel);
        hearing.unsubscribe(channel).catch(() => {});
      };
    },
    onUp(listener) {
      listeners.add(listener);
      if (reason === undefined) listener();
      return () => void listeners.delete(listener);
    },
    async close() {
      isClosing = true;
      reason = 'It was closed.';
      listeners.clear();
      for (const one of [client, hearing]) if (one.isOpen) one.destroy();
    },
  };
}
