import type { Member } from '../../core/plan.ts';
import type { Ask } from './balancer.ts';
import { costOf } from './cost.ts';
import { createGroupState, type GroupState, loadOf } from './group-state.ts';
import { okAt } from './target-state.ts';

/** The members of a group as they stand at the moment of a pick: what a strategy decides on. One is filled again for each pick, so that picking leaves nothing behind. */
export interface Field {
  group: GroupState;
  now: number;
  /** Tokens of an average call. */
  tokensPerCall: number;
  readonly random: () => number;
  /** The indexes (in `group.members`) of those to pick from, `count` of them. */
  readonly candidates: number[];
  count: number;
  /** By the member's index. */
  readonly costs: number[];
  /** What it costs when something has failed already: who fails often is dearer by the cube once more, as there may be no third try. */
  readonly secondCosts: number[];
  /** As configured, less for those that have just come (back). */
  readonly weights: number[];
  /** Calls under way; where tokens are counted, in units of an average call. */
  readonly loads: number[];
  /** Share of answers that come to a good end. */
  readonly oks: number[];
  /** The lower, the earlier: the priority, and behind all priorities those that are not to be asked as long as there is another. */
  readonly ranks: number[];
  /** Where the order is put together. */
  readonly order: number[];
}

export function createField(random: () => number): Field {
  const group = createGroupState(
    { name: '', strategy: 'latency', members: [] },
    [],
    { next: 0, credits: new Map() },
    [],
  );
  return {
    group,
    now: 0,
    tokensPerCall: 1,
    random,
    candidates: [],
    count: 0,
    costs: [],
    secondCosts: [],
    weights: [],
    loads: [],
    oks: [],
    ranks: [],
    order: [],
  };
}

/** Someone who joins peers at work gets a tenth of the share at first, and all of it after half a minute. */
const SLOW_START_MS = 30_000;
const FIRST_SHARE = 0.1;
const LEAST_WEIGHT = 0.001;
/** More than any priority. */
const BEHIND_ALL = 1e9;

/** Looks at every member; the candidates are those of the best rank that has any. */
export function survey(
  field: Field,
  { inputTokens, wantsStream }: Ask,
  isBarred: ((member: Member) => boolean) | undefined,
  rampOf: ((name: string) => number) | undefined,
): void {
  const { group, now } = field;
  const { members, states } = group;
  field.count = 0;
  let best = Number.POSITIVE_INFINITY;
  for (let index = 0; index < members.length; index++) {
    const member = members[index]!;
    const state = states[index]!;
    const ramp = slowStart(state.joinedAt, now) * (rampOf === undefined ? 1 : rampOf(state.name));
    const weight = Math.max(member.weight * ramp, LEAST_WEIGHT);
    const load = loadOf(group, index, field.tokensPerCall);
    const ok = okAt(state, now);
    field.weights[index] = weight;
    field.loads[index] = load;
    field.oks[index] = ok;
    const cost = costOf(group, state, load, weight, ok, inputTokens, wantsStream, now);
    field.costs[index] = cost;
    field.secondCosts[index] = cost / (ok * ok * ok);
    if (member.weight <= 0 || (isBarred?.(member) ?? false)) {
      field.ranks[index] = member.priority + BEHIND_ALL;
      continue;
    }
    field.ranks[index] = member.priority;
    if (member.priority < best) {
      best = member.priority;
      field.count = 0;
    }
    if (member.priority === best) field.candidates[field.count++] = index;
  }
}

function slowStart(joinedAt: number, now: number): number {
  const share = FIRST_SHARE + ((1 - FIRST_SHARE) * (now - joinedAt)) / SLOW_START_MS;
  return Math.min(share, 1);
}
