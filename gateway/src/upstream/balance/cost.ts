import type { GroupState } from './group-state.ts';
import { expectedMs } from './latency.ts';
import { latenessOf, type TargetState } from './target-state.ts';

/** A target of which nothing comes to a good end is still asked now and then. */
const LEAST_OK = 0.05;
/** Of two that answer within the same millisecond, none is the slower. */
const LEAST_MS = 1;

/**
 * What it would cost, in milliseconds of waiting, to ask this target now: the time until its first token, times its calls under way, by the root of how slowly it writes compared with its
 * peers, and by the cube of how seldom it succeeds. As in Finagle's peak EWMA (the greater of two means, times the load), but of the first token rather than of the whole answer, whose length
 * drowns the signal; with success, without which a target that fails fast is the quickest of all; and with the wait of those that are still waiting, without which a target that hangs looks idle.
 */
export function costOf(
  group: GroupState,
  state: TargetState,
  load: number,
  weight: number,
  ok: number,
  inputTokens: number,
  wantsStream: boolean,
  now: number,
): number {
  const waiting = wantsStream ? state.stream : state.document;
  const peerMs = wantsStream ? group.streamMs : group.documentMs;
  const late = Math.max(
    latenessOf(state.stream, group.streamMs, now),
    latenessOf(state.document, group.documentMs, now),
  );
  // Calls that failed would be under way if they had been answered: without them, who fails fast looks idle, the more so the busier its peers are.
  const share = load / weight + (1 - ok) * group.meanLoad + 1;
  const expected = Math.max(expectedMs(waiting.latency, inputTokens, peerMs, now), LEAST_MS) * late;
  const floored = Math.max(LEAST_OK, ok);
  return (expected * paceOf(group, state) * share) / (floored * floored * floored);
}

function paceOf(group: GroupState, state: TargetState): number {
  return state.msPerToken === undefined || group.msPerToken === 0 ? 1 : Math.sqrt(state.msPerToken / group.msPerToken);
}
