import type { Affinities } from './affinity.ts';
import type { Tower } from './flight.ts';
import { learnLatency, learnLowerBound } from './latency.ts';
import { learnOutcome, learnPace, stopWaiting } from './target-state.ts';

/** Fewer tokens than this tell nothing of how fast a target writes: they may come in one chunk. */
const FEWEST_TOKENS = 8;

/** Where flights report, and what is learned from them. */
export function createTower(now: () => number, affinities: Affinities): Tower {
  return {
    began(flight) {
      flight.begunAt = now();
      stopWaiting(flight.waiting, flight);
      learnLatency(flight.waiting.latency, flight.begunAt - flight.openedAt, flight.inputTokens, flight.begunAt);
    },

    landed(flight, outcome, outputTokens) {
      const { state, waiting, affinity } = flight;
      const at = now();
      state.outstanding--;
      state.outstandingTokens -= flight.inputTokens;
      if (flight.begunAt < 0) {
        stopWaiting(waiting, flight);
        if (outcome === 'ok') learnLatency(waiting.latency, at - flight.openedAt, flight.inputTokens, at);
        else learnLowerBound(waiting.latency, at - flight.openedAt, at);
      } else if (outcome === 'ok' && outputTokens >= FEWEST_TOKENS && waiting === state.stream) {
        learnPace(state, (at - flight.begunAt) / outputTokens, at);
      }
      if (outcome === 'void') return;
      learnOutcome(state, outcome === 'ok', at);
      if (affinity === undefined) return;
      if (outcome === 'ok') affinities.bind(affinity, state.name);
      else affinities.loosen(affinity, state.name);
    },
  };
}
