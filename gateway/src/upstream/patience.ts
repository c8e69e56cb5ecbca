import type { Clock, Timer } from '../core/clock.ts';
import { type ErrorCode, GatewayError } from '../core/errors.ts';
import type { Timeouts } from '../core/target.ts';

type Limit = 'firstByte' | 'idle' | 'total';

const CODES: Record<Limit, ErrorCode> = {
  firstByte: 'upstream_first_byte_timeout',
  idle: 'upstream_idle_timeout',
  total: 'upstream_total_timeout',
};

const WORDS: Record<Limit, (seconds: string) => string> = {
  firstByte: (seconds) => `began no answer within ${seconds} s (timeout.first_byte)`,
  idle: (seconds) => `paused in its answer for ${seconds} s (timeout.idle)`,
  total: (seconds) => `did not end its answer within ${seconds} s (timeout.total)`,
};

/** How long one attempt is waited for. One timer for all limits; a chunk costs one reading of the clock. */
export interface Patience {
  /** A byte came. */
  fed(): void;
  /** The provider is made to wait for a slow reader: its silence is ours. */
  held(): void;
  /** It may go on. */
  released(): void;
  over(): void;
}

export function lendPatience(
  clock: Clock,
  timeouts: Timeouts,
  who: string,
  lose: (error: GatewayError) => void,
): Patience {
  return new LentPatience(clock, timeouts, who, lose);
}

class LentPatience implements Patience {
  readonly #clock: Clock;
  readonly #timeouts: Timeouts;
  readonly #who: string;
  readonly #lose: (error: GatewayError) => void;
  readonly #startedAt: number;
  /** -1: none has come. */
  #lastByteAt = -1;
  #isHeld = false;
  #isOver = false;
  #timer: Timer | undefined;

  constructor(clock: Clock, timeouts: Timeouts, who: string, lose: (error: GatewayError) => void) {
    this.#clock = clock;
    this.#timeouts = timeouts;
    this.#who = who;
    this.#lose = lose;
    this.#startedAt = clock.now();
    this.#wake();
  }

  fed(): void {
    if (this.#isOver) return;
    const isFirst = this.#lastByteAt < 0;
    this.#lastByteAt = this.#clock.now();
    const { firstByte, idle } = this.#timeouts;
    if (isFirst && idle > 0 && (firstByte === 0 || idle < firstByte)) this.#wakeAnew();
  }

  held(): void {
    this.#isHeld = true;
  }

  released(): void {
    if (this.#isOver) return;
    this.#isHeld = false;
    this.#lastByteAt = this.#clock.now();
    this.#wakeAnew();
  }

  over(): void {
    this.#isOver = true;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #wakeAnew(): void {
    this.#timer?.cancel();
    this.#wake();
  }

  #wake(): void {
    const total = this.#totalAt();
    const pause = this.#pauseAt();
    const at = Math.min(total, pause);
    if (at === Number.POSITIVE_INFINITY) return;
    const left = at - this.#clock.now();
    if (left > 0) {
      this.#timer = this.#clock.setTimeout(() => this.#wake(), Math.max(1, Math.ceil(left)));
      return;
    }
    const limit = pause <= total ? this.#pauseLimit() : 'total';
    const seconds = String(this.#timeouts[limit] / 1000);
    this.#lose(new GatewayError(CODES[limit], `${this.#who} ${WORDS[limit](seconds)}.`));
  }

  /** Infinite where no limit is set. */
  #totalAt(): number {
    const { total } = this.#timeouts;
    return total > 0 ? this.#startedAt + total : Number.POSITIVE_INFINITY;
  }

  #pauseLimit(): 'firstByte' | 'idle' {
    return this.#lastByteAt < 0 ? 'firstByte' : 'idle';
  }

  /** When the wait for the first byte or the next one ends; infinite where none is set. */
  #pauseAt(): number {
    const limit = this.#pauseLimit();
    const wait = this.#timeouts[limit];
    if (wait <= 0 || (limit === 'idle' && this.#isHeld)) return Number.POSITIVE_INFINITY;
    return (limit === 'idle' ? this.#lastByteAt : this.#startedAt) + wait;
  }
}
