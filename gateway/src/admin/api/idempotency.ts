import { createHash } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Answer } from './answer.ts';

export interface Idempotency {
  /** Runs once for each key: the same request again gets the same answer for 24 hours. Failures are not kept. */
  once(request: IdempotentRequest): Promise<Answer>;
}

export interface IdempotentRequest {
  key: string;
  /** Who asks: one's keys are not another's, as answers hold secrets. */
  owner: string;
  place: string;
  bytes: Buffer;
  run(): Answer | Promise<Answer>;
}

interface Kept {
  fingerprint: string;
  answer: Promise<Answer>;
  atMs: number;
}

const KEPT_MS = 24 * 3_600_000;
/** Answers in memory at once, the oldest going first; each is below 1 KB. */
const MOST_KEPT = 1_000;
const LONGEST_KEY = 255;

export function createIdempotency(clock: Clock): Idempotency {
  const kept = new Map<string, Kept>();

  function recall(key: string): Kept | undefined {
    const found = kept.get(key);
    if (found === undefined || clock.wallMs() - found.atMs < KEPT_MS) return found;
    kept.delete(key);
    return undefined;
  }

  return {
    async once({ key: given, owner, place, bytes, run }) {
      if (given.length > LONGEST_KEY) {
        throw new GatewayError('invalid_request', `Idempotency-Key is longer than ${LONGEST_KEY} characters.`);
      }
      const key = `${owner}\n${given}`;
      const fingerprint = createHash('sha256').update(`${place}\n`).update(bytes).digest('hex');
      const known = recall(key);
      if (known !== undefined && known.fingerprint !== fingerprint) {
        throw new GatewayError('conflict', 'This Idempotency-Key was used for another request. Take a new one.');
      }
      if (known !== undefined) return known.answer;
      if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value!);
      const mine: Kept = { fingerprint, answer: (async () => run())(), atMs: clock.wallMs() };
      kept.set(key, mine);
      try {
        return await mine.answer;
      } catch (error) {
        if (kept.get(key) === mine) kept.delete(key);
        throw error;
      }
    },
  };
}
