import type { OpenFlight } from './flight.ts';
import { createLatency, expectedMs, type Latency, weigh } from './latency.ts';

/** What is known of one target; one for as long as the process lives, whatever becomes of the configuration. */
export interface TargetState {
  readonly name: string;
  /** When it joined peers that were already at work; -Infinity: it was there from the beginning. */
  joinedAt: number;
  outstanding: number;
  outstandingTokens: number;
  /** Share of answers that came to a good end, lately; 1 is what is believed of a stranger. */
  ok: number;
  okAt: number;
  msPerToken: number | undefined;
  msPerTokenAt: number;
  readonly stream: Waiting;
  readonly document: Waiting;
  requests: number;
  failures: number;
}

/**
 * Calls that wait for an answer to begin, and how long that took before. Streams and documents are told apart: the first byte of a document comes when all of it is written, so its time is
 * mostly that of its length.
 */
export interface Waiting {
  readonly latency: Latency;
  /** A wait of more than this many times the expected is evidence by itself. */
  readonly lateAfter: number;
  /** The ends of the list of those that wait, in the order in which they were opened. */
  oldest: OpenFlight | undefined;
  newest: OpenFlight | undefined;
}

/** Share of a new outcome in the mean of outcomes. */
const OUTCOME_SHARE = 0.15;
const FORGIVING_TAU_MS = 20_000;
/** Short, as a pace is heard only when an answer ends, long after it was chosen. */
const PACE_TAU_MS = 5_000;
/** Twice is what chance brings every few calls, and is no better at finding who hangs (bench/sim/balance.ts). Documents differ more, as answers do in length. */
const STREAM_LATE_AFTER = 3;
const DOCUMENT_LATE_AFTER = 6;

export function createTargetState(name: string): TargetState {
  return {
    name,
    joinedAt: Number.NEGATIVE_INFINITY,
    outstanding: 0,
    outstandingTokens: 0,
    ok: 1,
    okAt: 0,
    msPerToken: undefined,
    msPerTokenAt: 0,
    stream: createWaiting(STREAM_LATE_AFTER),
    document: createWaiting(DOCUMENT_LATE_AFTER),
    requests: 0,
    failures: 0,
  };
}

function createWaiting(lateAfter: number): Waiting {
  return { latency: createLatency(), lateAfter, oldest: undefined, newest: undefined };
}

/** A call leaves for the target and waits for its first token. */
export function startWaiting(waiting: Waiting, flight: OpenFlight): void {
  flight.older = waiting.newest;
  if (waiting.newest === undefined) waiting.oldest = flight;
  else waiting.newest.younger = flight;
  waiting.newest = flight;
}

/** A call waits no longer. */
export function stopWaiting(waiting: Waiting, flight: OpenFlight): void {
  if (flight.older === undefined) waiting.oldest = flight.younger;
  else flight.older.younger = flight.younger;
  if (flight.younger === undefined) waiting.newest = flight.older;
  else flight.younger.older = flight.older;
  flight.older = flight.younger = undefined;
}

export function learnOutcome(state: TargetState, isOk: boolean, now: number): void {
  if (!isOk) state.failures++;
  state.ok = okAt(state, now) * (1 - OUTCOME_SHARE) + (isOk ? OUTCOME_SHARE : 0);
  state.okAt = now;
}

/** An answer was written in so many milliseconds for each of its tokens. */
export function learnPace(state: TargetState, msPerToken: number, now: number): void {
  state.msPerToken = weigh(state.msPerToken, msPerToken, now - state.msPerTokenAt, PACE_TAU_MS);
  state.msPerTokenAt = now;
}

/** The share of answers that come to a good end; what was long ago is forgiven. */
export function okAt(state: TargetState, now: number): number {
  return state.ok >= 1 ? 1 : 1 - (1 - state.ok) * Math.exp((state.okAt - now) / FORGIVING_TAU_MS);
}

/**
 * How many times longer than expected the oldest call has been waiting, or 1 as long as that is nothing unusual. A target that hangs gives no answer to learn from; the wait itself is the
 * evidence.
 */
export function latenessOf(waiting: Waiting, peerMs: number, now: number): number {
  const { oldest } = waiting;
  if (oldest === undefined) return 1;
  const expected = expectedMs(waiting.latency, oldest.inputTokens, peerMs, now);
  const times = (now - oldest.openedAt) / Math.max(expected, 1);
  return times > waiting.lateAfter ? times : 1;
}
