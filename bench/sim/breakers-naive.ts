// The breakers to compare with: as the field and our articles have them. They live here and nowhere in the gateway.
import type { Clock } from '../../gateway/src/core/clock.ts';

/** What a scenario needs of a breaker. */
export interface Guard {
  /** Whether this call may be sent; it then is, and its outcome is noted. */
  lets(): boolean;
  note(isOk: boolean): void;
}

const ROW = 5;
const OPEN_MS = 30_000;
const PROBES = 3;

/** Five failures in a row, 30 s open, closed again by the first of up to three probes. */
export function createConsecutive(clock: Clock): Guard {
  let state: 'closed' | 'open' | 'half-open' = 'closed';
  let failures = 0;
  let openedAt = 0;
  let probes = 0;
  return {
    lets() {
      if (state === 'open' && clock.now() - openedAt > OPEN_MS) {
        state = 'half-open';
        probes = 0;
      }
      if (state === 'half-open') return probes++ < PROBES;
      return state === 'closed';
    },
    note(isOk) {
      failures = isOk ? 0 : failures + 1;
      if (isOk) state = 'closed';
      else if (state === 'half-open' || failures >= ROW) {
        state = 'open';
        openedAt = clock.now();
      }
    },
  };
}

/**
 * The article's listing, read with its lost indentation the unlucky way: a success resets the count only where it closes the breaker, so that the count of a closed one
 * never goes down, and nothing ever counts the probes.
 */
export function createAsPrinted(clock: Clock): Guard {
  let state: 'closed' | 'open' | 'half-open' = 'closed';
  let failures = 0;
  let lastFailureAt = 0;
  return {
    lets() {
      if (state === 'open' && clock.now() - lastFailureAt > OPEN_MS) state = 'half-open';
      return state !== 'open';
    },
    note(isOk) {
      if (isOk) {
        if (state === 'half-open') state = 'closed';
        return;
      }
      failures += 1;
      lastFailureAt = clock.now();
      if (state === 'half-open' || failures >= ROW) state = 'open';
    },
  };
}

const WINDOW_MS = 10_000;
const RATIO = 0.2;
const LEAST_CALLS = 20;

/** More than a fifth failed within 10 s, of at least 20 calls; 30 s open, then one probe. */
export function createRatio(clock: Clock): Guard {
  let state: 'closed' | 'open' | 'half-open' = 'closed';
  let seen: { at: number; isOk: boolean }[] = [];
  let openedAt = 0;
  let isProbing = false;
  const open = () => {
    state = 'open';
    openedAt = clock.now();
    seen = [];
  };
  return {
    lets() {
      if (state === 'closed') return true;
      if (state === 'open') {
        if (clock.now() - openedAt <= OPEN_MS) return false;
        state = 'half-open';
        isProbing = false;
      }
      if (isProbing) return false;
      isProbing = true;
      return true;
    },
    note(isOk) {
      if (state === 'half-open') {
        if (isOk) state = 'closed';
        else open();
        return;
      }
      seen.push({ at: clock.now(), isOk });
      while (seen[0]!.at < clock.now() - WINDOW_MS) seen.shift();
      const failed = seen.reduce((sum, one) => sum + (one.isOk ? 0 : 1), 0);
      if (seen.length >= LEAST_CALLS && failed / seen.length > RATIO) open();
    },
  };
}
