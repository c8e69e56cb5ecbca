import type { Target } from './target.ts';

/** How the members of a group share the calls. */
export type Strategy = 'latency' | 'round_robin' | 'weighted' | 'least_outstanding' | 'price' | 'priority';

/** A target in a group: its share, and its rank (lower is tried first). */
export interface Member {
  readonly target: Target;
  readonly weight: number;
  readonly priority: number;
}

/** Targets that stand for one name. Which of them is asked first is the strategy's choice, at the moment of the call. */
export interface TargetGroup {
  /** The name under `models:`, or the target's own. State that belongs to the group (turns of a rota) is kept under it. */
  readonly name: string;
  readonly strategy: Strategy;
  readonly members: readonly Member[];
}

/** What ties a call to where the calls before it went. */
export interface Affinity {
  key: string;
  /** True: nowhere else is what the call rests on. */
  isHard: boolean;
}

/** Which targets may answer, in which order to try them, and why these. */
export interface Plan {
  /** The next group is asked when no target of the one before has answered. */
  groups: readonly TargetGroup[];
  /** Asked instead of the next group when a target says that the prompt is too long for it. */
  onContextOverflow?: readonly TargetGroup[];
  /** Asked instead of the next group when a target refuses the content. */
  onContentPolicy?: readonly TargetGroup[];
  /** For people and `x-xidao-route`: `exact`, `alias fast`, `only mock configured` … */
  reason: string;
  /** True: a target that cannot carry everything that is asked must not be asked. */
  isStrict?: boolean;
  /** Something the client should know (`x-xidao-notice`). */
  notice?: string;
  affinity?: Affinity;
  /** No target is waited for longer than this until its first byte, in milliseconds; 0 or absent: as the target's own limits say. */
  firstByteMs?: number;
  /** True: a slow first token is raced by a second target. */
  isHedged?: boolean;
  /** True: a text that breaks off is gone on with by another target. */
  isResumed?: boolean;
  /** True: what is asked and answered is kept, for looking up. */
  keepsBodies?: boolean;
  /** What the task asks for where the client does not say. */
  defaults?: RequestDefaults;
  /** How the choice was made, for the record and for people. */
  decision?: Decision;
  /** The copies that go elsewhere, unseen by the client. */
  shadow?: Shadow;
}

/** Said for a client that left it open. */
export interface RequestDefaults {
  maxTokens?: number;
  temperature?: number;
  systemPrompt?: string;
  /** No answer may be longer, in tokens, whatever the client says. */
  maxTokensCap?: number;
}

/** Where a copy of a call goes whose answer is recorded and never sent. */
export interface Shadow {
  groups: readonly TargetGroup[];
  name: string;
}

/** Why a plan is as it is. */
export interface Decision {
  /** The rule that matched, by name. */
  rule?: string;
  /** `test/model` of an A/B test. */
  variant?: string;
  task?: string;
  /** How sure the task is, 0 to 1. */
  confidence?: number;
  /** 0 to 1. */
  difficulty?: number;
  tier?: string;
  /** In the order of preference; those with `excluded` are not asked. */
  candidates: readonly ConsideredCandidate[];
}

export interface ConsideredCandidate {
  name: string;
  score?: number;
  /** Why it is not asked. */
  excluded?: string;
  /** Integer pico-dollars expected for this call. */
  expectedCostPico?: number;
}

/** Every target of the plan's own groups, each once, in order. */
export function targetsOf({ groups }: Pick<Plan, 'groups'>): Target[] {
  const targets = new Set<Target>();
  for (const { members } of groups) for (const { target } of members) targets.add(target);
  return [...targets];
}
