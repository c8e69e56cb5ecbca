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
  const startedAt = clock.now();
  let lastByteAt: number | undefined;
  let isHeld = false;
  let isOver = false;
  let timer: Timer | undefined;

  /** The limit that ends first; `at` is infinite where none is set. */
  const nextDeadline = (): { limit: Limit; at: number } => {
    const totalAt = timeouts.total > 0 ? startedAt + timeouts.total : Number.POSITIVE_INFINITY;
    const limit = lastByteAt === undefined ? 'firstByte' : 'idle';
    const isSet = timeouts[limit] > 0 && !(limit === 'idle' && isHeld);
    const at = isSet ? (lastByteAt ?? startedAt) + timeouts[limit] : Number.POSITIVE_INFINITY;
    return at <= totalAt ? { limit, at } : { limit: 'total', at: totalAt };
  };

  const wake = () => {
    const first = nextDeadline();
    if (first.at === Number.POSITIVE_INFINITY) return;
    const left = first.at - clock.now();
    if (left > 0) {
      timer = clock.setTimeout(wake, Math.max(1, Math.ceil(left)));
      return;
    }
    const seconds = String(timeouts[first.limit] / 1000);
    lose(new GatewayError(CODES[first.limit], `${who} ${WORDS[first.limit](seconds)}.`));
  };

  wake();
  return {
    fed() {
      const isFirst = lastByteAt === undefined;
      lastByteAt = clock.now();
      if (isFirst && timeouts.idle > 0 && (timeouts.firstByte === 0 || timeouts.idle < timeouts.firstByte)) {
        timer?.cancel();
        wake();
      }
    },
    held() {
      isHeld = true;
    },
    released() {
      if (isOver) return;
      isHeld = false;
      lastByteAt = clock.now();
      timer?.cancel();
      wake();
    },
    over() {
      isOver = true;
      timer?.cancel();
    },
  };
}
