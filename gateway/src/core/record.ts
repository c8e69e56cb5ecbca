import type { DialectName, Receipt, Usage } from '@xidao/dialects';
import type { Operation } from './operation.ts';
import type { Decision } from './plan.ts';

/** Everything that is told of one call, once, when it is over: metrics, log line and ledger line are written from it. */
export interface CallRecord {
  id: string;
  startedAtMs: number;
  dialect: DialectName;
  operation: Operation;
  path: string;
  modelAsked: string;
  /** The target that answered. */
  provider?: string;
  modelServed?: string;
  keyId?: string;
  keyName?: string;
  organisation?: string;
  team?: string;
  project?: string;
  user?: string;
  session?: string;
  tags?: Readonly<Record<string, string>>;
  /** The HTTP status that the client saw; 499 if it left before there was one. */
  status: number;
  outcome: Outcome;
  /** The stable code of the error, if there was one. */
  errorCode?: string;
  /** One sentence; never holds a secret or a body. */
  errorMessage?: string;
  streamed: boolean;
  route?: string;
  /** `test/model` of the A/B test that the call is part of. */
  variant?: string;
  /** How the route was chosen, where there was a choice. */
  decision?: Decision;
  /** A copy whose answer nobody sees: the name of the shadow, and the call it is a copy of. */
  shadow?: string;
  shadowOf?: string;
  /** Something that the client should know. */
  notice?: string;
  attempts: AttemptRecord[];
  usage?: Usage;
  usageSource: 'measured' | 'estimated' | 'none';
  /** Integer pico-dollars (1e-12 USD) of all attempts together, also of those that the client never saw; undefined: no price is known. */
  costPicoUsd?: number;
  /** What the team is charged, where that is not what it cost. Integer pico-dollars. */
  chargedPicoUsd?: number;
  /** True: something was used for which no price is known, so that the cost is not the whole. */
  isUnpriced?: boolean;
  /** The prices by which it was reckoned. */
  priceVersion?: string;
  receipt?: Receipt;
  bytesIn: number;
  bytesOut: number;
  durationMs: number;
  /** From the call's first byte to the answer's first byte. */
  firstByteMs?: number;
  /** Time spent in the gateway itself until the answer began. */
  overheadMs?: number;
  traceId?: string;
}

export type Outcome = 'complete' | 'client-left' | 'broken-off' | 'refused' | 'failed';

export interface AttemptRecord {
  provider: string;
  model: string;
  startedMs: number;
  firstByteMs?: number;
  status?: number;
  verdict: Verdict;
  /** Why it failed, in one sentence. */
  why?: string;
  /** True: it ran beside another attempt, to be faster. */
  isHedge?: boolean;
  /** What this attempt itself used and cost. Without a price the cost is absent, never zero. */
  usage?: Usage;
  usageSource?: 'measured' | 'estimated';
  costPicoUsd?: number;
}

/** What came of one attempt and what the gateway did next. */
export type Verdict = 'pending' | 'answered' | 'passed-on' | 'next-target' | 'retry' | 'gave-up' | 'abandoned';
