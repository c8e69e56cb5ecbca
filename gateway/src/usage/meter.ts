import type { DialectName, Usage } from '@xidao/dialects';
import type { Call } from '../core/call.ts';
import type { Reply } from '../core/reply.ts';
import type { Trail } from '../core/trail.ts';
import { estimateInput } from './estimate-input.ts';
import { findFirstUsage, findLastUsage, readUsage } from './find-usage.ts';

export interface Meter {
  /** The same reply, watched: what it cost is on the trail when its last byte has been read, or at once for a document. */
  meter(reply: Reply, trail: Trail): Reply;
  /** About how many tokens the body of a call is. */
  estimateInput(call: Call): number;
  /** Puts on the trail what the provider did not tell. */
  estimate(usage: Usage, reply: Reply, trail: Trail): void;
}

/** Where a stream's counts are looked for: its first bytes (Anthropic's `message_start`) and its last. */
const HEAD_BYTES = 4 * 1024;
const TAIL_BYTES = 32 * 1024;

export function createMeter(): Meter {
  function note(usage: Usage | undefined, reply: Reply, trail: Trail): void {
    if (usage === undefined || reply.target === undefined) return;
    trail.measured(usage, reply.target.cost(usage));
  }

  return {
    estimateInput,
    estimate(usage, reply, trail) {
      trail.estimated(usage, reply.target?.cost(usage));
    },
    meter(reply, trail) {
      if (reply.status >= 400) return reply;
      if (reply.whole !== undefined) {
        note(readUsage(undefined, findLastUsage(reply.whole, reply.dialect), reply.dialect), reply, trail);
        return reply;
      }
      if (!reply.streamed) return reply;
      const seen = new Ends();
      return {
        ...reply,
        body: watch(reply.body, seen, () => note(seen.usage(reply.dialect), reply, trail)),
      };
    },
  };
}

/** References to the first and last chunks of a stream; nothing is copied or searched while it runs. */
class Ends {
  readonly #head: Uint8Array[] = [];
  #headBytes = 0;
  #tail: Uint8Array[] = [];
  #tailBytes = 0;

  see(chunk: Uint8Array): void {
    if (this.#headBytes < HEAD_BYTES) {
      this.#head.push(chunk);
      this.#headBytes += chunk.length;
    }
    this.#tail.push(chunk);
    this.#tailBytes += chunk.length;
    while (this.#tail.length > 1 && this.#tailBytes - this.#tail[0]!.length >= TAIL_BYTES) {
      this.#tailBytes -= this.#tail.shift()!.length;
    }
  }

  usage(dialect: DialectName): Usage | undefined {
    const tail = findLastUsage(Buffer.concat(this.#tail), dialect);
    const head = findFirstUsage(this.#head, dialect);
    return readUsage(head, tail, dialect);
  }
}

/** Passes the very same chunks on. One small object and no generator: what this costs, every chunk pays. */
function watch(
  body: AsyncIterable<Uint8Array>,
  seen: Ends,
  ended: () => void,
): AsyncIterableIterator<Uint8Array, undefined> {
  const source = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array, undefined>;
  let isOver = false;
  const end = () => {
    if (isOver) return;
    isOver = true;
    ended();
  };
  const look = (result: IteratorResult<Uint8Array, undefined>) => {
    if (result.done === true) end();
    else seen.see(result.value);
    return result;
  };
  const fail = (error: unknown): never => {
    end();
    throw error;
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => source.next().then(look, fail),
    async return() {
      end();
      await source.return?.();
      return { done: true, value: undefined };
    },
  };
}
