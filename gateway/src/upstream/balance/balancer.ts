import type { Clock } from '../../core/clock.ts';
import type { Affinity, Member, TargetGroup } from '../../core/plan.ts';
import type { Target } from '../../core/target.ts';
import { createAffinities, type Tie } from './affinity.ts';
import { createField, survey } from './field.ts';
import { type Flight, OpenFlight } from './flight.ts';
import { orderMembers } from './order.ts';
import { pickReturning } from './pick-returning.ts';
import { createRoster } from './roster.ts';
import { describeStanding, type Standing } from './standing.ts';
import { strategies } from './strategies/strategies.ts';
import { startWaiting } from './target-state.ts';
import { createTower } from './tower.ts';

/** Decides which of several targets is asked, and learns from how they answer. What it knows of a target is kept under the target's name, and outlives a reload of the configuration. */
export interface Balancer {
  /**
   * The group's members in the order in which to try them: the pick first, then the others by priority and rising cost. Those that are barred (or have no weight) come last, each to be asked only when
   * there is no other. Of a call that is tied hard to a target that is known, this target alone, or nothing where the group has not got it. `rampOf` gives the share (0 to 1) of a target that has
   * just come back.
   */
  rank(
    group: TargetGroup,
    ask: Ask,
    isBarred?: (member: Member) => boolean,
    rampOf?: (name: string) => number,
  ): readonly Member[];
  /** The order that `rank` would give now, with nobody's turn taken: for people. */
  foresee(...question: Parameters<Balancer['rank']>): readonly Member[];
  /** A call goes to a target now. */
  open(target: Target, ask: Ask): Flight;
  /** What a pick would compare, in milliseconds of waiting: for people. */
  cost(member: Member, group: TargetGroup, ask: Ask): number;
  /** What is known of the target with this name; undefined: it was never asked, and never picked from. */
  standing(name: string): Standing | undefined;
  /** All that is known of all targets. */
  standings(): Standing[];
  /** Ties a key to a target by name, as a call that succeeds does: for ties that are known from elsewhere, as those of stored responses after a restart. */
  bind(affinity: Affinity, name: string): void;
  /** Takes in a tie that another node has told. */
  hearTie(tie: Tie): void;
  forgetAffinity(key: string): void;
}

/** What the balancer wants to know of a call. */
export interface Ask {
  /** Estimated. */
  readonly inputTokens: number;
  /** Whether the answer comes as it is written: the first byte of a document tells of its length, and is judged apart. */
  readonly wantsStream: boolean;
  /** Its key tells models and callers apart by itself: two groups that share a key would pull it to and fro. */
  readonly affinity?: Affinity | undefined;
}

export interface BalancerDeps {
  clock: Pick<Clock, 'now'>;
  random: () => number;
  /** Whether a target's load is told in tokens of input under way rather than in calls: so where it has room for a number of tokens, as pools that serve themselves have. */
  countsTokens?: (target: Target) => boolean;
  /** Told of each tie that is new here, and of none that was heard. */
  onTie?: (tie: Tie) => void;
}

/** Calls over which their mean size is taken. */
const SIZE_MEMORY = 100;

/** A balancer that knows nobody yet. */
export function createBalancer({ clock, random, countsTokens = () => false, onTie }: BalancerDeps): Balancer {
  const now = () => clock.now();
  const affinities = createAffinities(now, onTie);
  const roster = createRoster(now, countsTokens);
  const tower = createTower(now, affinities);
  const field = createField(random);
  let sized = 0;

  function look(
    group: TargetGroup,
    ask: Ask,
    isBarred?: (member: Member) => boolean,
    rampOf?: (name: string) => number,
  ) {
    field.group = roster.group(group, field.tokensPerCall);
    field.now = clock.now();
    survey(field, ask, isBarred, rampOf);
  }

  function pick({ strategy }: TargetGroup, affinity: Affinity | undefined): number {
    if (field.count === 0) return -1;
    if (field.count === 1) return field.candidates[0]!;
    const tied = affinity === undefined || strategy === 'priority' ? undefined : affinities.find(affinity);
    const returning = tied === undefined ? -1 : pickReturning(field, tied);
    return returning < 0 ? strategies[strategy](field) : returning;
  }

  function rank(...[group, ask, isBarred, rampOf]: Parameters<Balancer['rank']>): readonly Member[] {
    const { members } = group;
    const { affinity } = ask;
    if (affinity?.isHard) {
      const name = affinities.find(affinity);
      if (name !== undefined) return members.filter(({ target }) => target.name === name);
    }
    if (members.length <= 1) return members;
    look(group, ask, isBarred, rampOf);
    return orderMembers(field, pick(group, affinity), group.strategy !== 'priority');
  }

  return {
    rank,

    foresee(group, ...rest) {
      const { turns } = roster.group(group, field.tokensPerCall);
      const { next } = turns;
      const credits = [...turns.credits];
      const order = rank(group, ...rest);
      turns.next = next;
      turns.credits.clear();
      for (const [name, credit] of credits) turns.credits.set(name, credit);
      return order;
    },

    open(target, ask) {
      const state = roster.target(target.name);
      const { affinity, inputTokens } = ask;
      const waiting = ask.wantsStream ? state.stream : state.document;
      const flight = new OpenFlight(tower, state, waiting, clock.now(), inputTokens, affinity);
      sized = Math.min(sized + 1, SIZE_MEMORY);
      field.tokensPerCall += (Math.max(inputTokens, 1) - field.tokensPerCall) / sized;
      state.requests++;
      state.outstanding++;
      state.outstandingTokens += inputTokens;
      startWaiting(waiting, flight);
      // The calls of a session that come at once go together from the first one on.
      if (affinity?.isHard === false && affinities.find(affinity) === undefined) affinities.bind(affinity, state.name);
      return flight;
    },

    cost(member, group, ask) {
      look(group, ask);
      return field.costs[group.members.indexOf(member)] ?? Number.NaN;
    },

    standing(name) {
      const state = roster.find(name);
      return state === undefined ? undefined : describeStanding(state, clock.now());
    },

    standings: () => Array.from(roster.all(), ([, state]) => describeStanding(state, clock.now())),
    bind: (affinity, name) => affinities.bind(affinity, name),
    hearTie: (tie) => affinities.hear(tie),
    forgetAffinity: (key) => affinities.forget(key),
  };
}
