import { msPerKilotoken } from './input-slope.ts';
import { okAt, type TargetState, type Waiting } from './target-state.ts';

/** All that is known of a target, for people. Times in milliseconds; what is absent is not known yet. */
export interface Standing {
  name: string;
  requests: number;
  failures: number;
  /** Calls under way, and their input. */
  outstanding: number;
  outstandingTokens: number;
  /** Share of answers that come to a good end, lately, 0 to 1. */
  ok: number;
  /** Between two tokens of a stream. */
  msPerToken?: number;
  stream: WaitStanding;
  document: WaitStanding;
}

/** How long callers wait for the first token of a stream, or for a document. */
export interface WaitStanding {
  /** The mean of the last few seconds, and that of the last ten or so. */
  fastMs?: number;
  slowMs?: number;
  /** What every further 1,000 tokens of input add. */
  msPerThousandInputTokens: number;
  heardMsAgo?: number;
  /** How long the oldest call that has no answer yet has been waiting. */
  oldestPendingMs?: number;
}

export function describeStanding(state: TargetState, now: number): Standing {
  const { name, requests, failures, outstanding, outstandingTokens, msPerToken } = state;
  return {
    name,
    requests,
    failures,
    outstanding,
    outstandingTokens,
    ok: okAt(state, now),
    ...(msPerToken === undefined ? {} : { msPerToken }),
    stream: describeWaiting(state.stream, now),
    document: describeWaiting(state.document, now),
  };
}

function describeWaiting({ latency, oldest }: Waiting, now: number): WaitStanding {
  const { fastMs, slowMs, heardAt, slope } = latency;
  return {
    ...(fastMs === undefined || slowMs === undefined ? {} : { fastMs, slowMs, heardMsAgo: now - heardAt }),
    msPerThousandInputTokens: msPerKilotoken(slope),
    ...(oldest === undefined ? {} : { oldestPendingMs: now - oldest.openedAt }),
  };
}
