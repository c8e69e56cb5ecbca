import type { DialectName, Usage } from '@xidao/dialects';
import { estimateOutput, type Kept } from './estimate-output.ts';
import { findFirstUsage, findLastUsage, findServiceTier, readUsage } from './find-usage.ts';

/** Where a stream's counts are looked for: its first bytes (Anthropic's `message_start`) and its last. */
const HEAD_BYTES = 4 * 1024;
const TAIL_BYTES = 32 * 1024;
/** What a token takes on the wire, where too few have come to tell. */
const BYTES_PER_TOKEN = 200;
const ENOUGH_TOKENS = 16;

/** References to the first and last chunks of a stream; nothing is copied or searched while it runs. */
export class SeenEnds {
  readonly #head: Uint8Array[] = [];
  #headBytes = 0;
  #tail: Uint8Array[] = [];
  #tailBytes = 0;
  #bytes = 0;

  see(chunk: Uint8Array): void {
    if (this.#headBytes < HEAD_BYTES) {
      this.#head.push(chunk);
      this.#headBytes += chunk.length;
    }
    this.#tail.push(chunk);
    this.#bytes += chunk.length;
    this.#tailBytes += chunk.length;
    while (this.#tail.length > 1 && this.#tailBytes - this.#tail[0]!.length >= TAIL_BYTES) {
      this.#tailBytes -= this.#tail.shift()!.length;
    }
  }

  /** True: the stream was short, and all of it is here. */
  get isWhole(): boolean {
    return this.#tailBytes === this.#bytes;
  }

  usage(dialect: DialectName): Usage | undefined {
    const bytes = Buffer.concat(this.#tail);
    const usage = readUsage(findFirstUsage(this.#head, dialect), findLastUsage(bytes, dialect), dialect);
    if (usage === undefined || usage.serviceTier !== undefined) return usage;
    const serviceTier = findServiceTier(bytes, dialect);
    if (serviceTier !== undefined) usage.serviceTier = serviceTier;
    return usage;
  }

  kept(): Kept {
    return { head: Buffer.concat(this.#head), tail: Buffer.concat(this.#tail), bytes: this.#bytes };
  }

  /** About how many bytes so many further tokens will take. */
  bytesFor(tokens: number, dialect: DialectName): number {
    const written = estimateOutput(this.kept(), dialect).tokens;
    return tokens * (written < ENOUGH_TOKENS ? BYTES_PER_TOKEN : this.#bytes / written);
  }
}
