import type { Member, TargetGroup } from '../../core/plan.ts';
import type { Target } from '../../core/target.ts';
import { usualMs } from './latency.ts';
import type { TargetState } from './target-state.ts';

/** What is known of a group: its members' states side by side, and what is usual among them. */
export interface GroupState {
  readonly members: readonly Member[];
  /** As `members`, by index. */
  readonly states: TargetState[];
  /** Pico-dollars of an ordinary call; of a target without a price, the median of its peers. All 1 where none has a price. */
  readonly prices: Float64Array;
  /** Whether a prompt that was read before costs less there; true also where no price is known. */
  readonly rewardsReturn: boolean[];
  /** Whether its load is told in tokens rather than in calls. */
  readonly countsTokens: readonly boolean[];
  readonly turns: Turns;
  /** Medians over the members, in milliseconds. */
  streamMs: number;
  documentMs: number;
  /** 0: nobody has been heard yet. */
  msPerToken: number;
  /** Mean load for a weight of 1, as of the last refresh. */
  meanLoad: number;
  refreshedAt: number;
  pricedAt: number;
}

/** Whose turn it is. Kept under the group's name, so that it survives a reload. */
export interface Turns {
  next: number;
  /** By the target's name. */
  readonly credits: Map<string, number>;
}

const REFRESH_MS = 100;
/** Prices may depend on the time of day. */
const PRICES_MS = 60_000;
/** What is expected of a group of which nobody has been heard: of a stream, and of a document. */
const STRANGERS_MS = 1_000;
const STRANGERS_DOCUMENT_MS = 10_000;
const ORDINARY_CALL = { inputTokens: 1_000, outputTokens: 300 };
const FIRST_READING = { inputTokens: 1_000, outputTokens: 0, cachedInputTokens: 0 };
const SECOND_READING = { inputTokens: 1_000, outputTokens: 0, cachedInputTokens: 1_000 };

export function createGroupState(
  { members }: TargetGroup,
  states: TargetState[],
  turns: Turns,
  countsTokens: readonly boolean[],
): GroupState {
  return {
    members,
    states,
    prices: new Float64Array(members.length),
    rewardsReturn: [],
    countsTokens,
    turns,
    streamMs: STRANGERS_MS,
    documentMs: STRANGERS_DOCUMENT_MS,
    msPerToken: 0,
    meanLoad: 0,
    refreshedAt: Number.NEGATIVE_INFINITY,
    pricedAt: Number.NEGATIVE_INFINITY,
  };
}

/** Whether the medians are older than a tenth of a second. */
export function isStale(group: GroupState, now: number): boolean {
  return now - group.refreshedAt >= REFRESH_MS;
}

/** Brings medians and prices up to date. */
export function refreshGroup(group: GroupState, tokensPerCall: number, now: number): void {
  group.refreshedAt = now;
  group.streamMs = medianOf(group, (state) => usualMs(state.stream.latency)) || STRANGERS_MS;
  group.documentMs = medianOf(group, (state) => usualMs(state.document.latency)) || STRANGERS_DOCUMENT_MS;
  group.msPerToken = medianOf(group, (state) => state.msPerToken ?? 0);
  group.meanLoad = meanLoadOf(group, tokensPerCall);
  if (now - group.pricedAt < PRICES_MS) return;
  group.pricedAt = now;
  priceMembers(group);
}

/** Calls under way; tokens where those are what a target has room for, in units of an average call so that both are of one size. */
export function loadOf({ states, countsTokens }: GroupState, index: number, tokensPerCall: number): number {
  const { outstanding, outstandingTokens } = states[index]!;
  return countsTokens[index] ? outstandingTokens / tokensPerCall : outstanding;
}

function meanLoadOf(group: GroupState, tokensPerCall: number): number {
  let load = 0;
  let weight = 0;
  for (let index = 0; index < group.members.length; index++) {
    load += loadOf(group, index, tokensPerCall);
    weight += group.members[index]!.weight;
  }
  return weight > 0 ? load / weight : 0;
}

/** The middle of what is known (above 0); 0 where nothing is. */
function medianOf(group: GroupState, of: (state: TargetState) => number): number {
  return median(group.states.map(of).filter((value) => value > 0));
}

function median(values: number[]): number {
  values.sort((a, b) => a - b);
  const middle = values.length >> 1;
  return values.length % 2 === 1
    ? values[middle]!
    : values.length === 0
      ? 0
      : (values[middle - 1]! + values[middle]!) / 2;
}

function priceMembers(group: GroupState): void {
  const prices = group.members.map(({ target }) => target.cost(ORDINARY_CALL));
  const usual = median(prices.filter((price) => price !== undefined)) || 1;
  for (let index = 0; index < prices.length; index++) {
    group.prices[index] = prices[index] ?? usual;
    group.rewardsReturn[index] = isReturnCheaper(group.members[index]!.target);
  }
}

function isReturnCheaper(target: Target): boolean {
  const first = target.cost(FIRST_READING);
  const second = target.cost(SECOND_READING);
  return first === undefined || second === undefined || second < first;
}
