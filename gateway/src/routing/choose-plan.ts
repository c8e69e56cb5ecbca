import type { DialectName } from '@xidao/dialects';
import { GatewayError } from '../core/errors.ts';
import type { Operation } from '../core/operation.ts';
import type { Member, Plan, TargetGroup } from '../core/plan.ts';
import type { Prompt } from '../core/prompt.ts';
import type { Target } from '../core/target.ts';
import { affinityOf } from './affinity.ts';
import { differInFacts, fitPlan } from './fit-plan.ts';
import type { Guidance, SlowGuide } from './guide.ts';
import { mayUse } from './permits.ts';
import {
  type Candidate,
  type CandidateGroup,
  candidatesOf,
  type NameBook,
  type Resolved,
  resolveModel,
  resolveNames,
} from './resolve-model.ts';

export interface Routing {
  /** At once, unless somebody must be asked what kind of call it is. */
  choosePlan(prompt: Prompt): Plan | Promise<Plan>;
}

export interface RoutingDeps {
  book: NameBook;
  /** The places of a candidate, one for each key of its provider; empty where it offers no such operation. Throws what its configuration lacks. */
  membersOf(candidate: Candidate, ask: Errand): readonly Member[];
  /** What the gateway itself can do where no provider can, or none does. Undefined: nothing. */
  ownTarget(candidate: Candidate, ask: Errand): Target | undefined;
  /** Looks whether something else than the client's word decides. Absent: nothing does. */
  guide?: SlowGuide | undefined;
  /** Says which shadow a call casts. Absent: no call does. */
  shadowOf?: ((prompt: Prompt) => { name: string; model: string } | undefined) | undefined;
}

export interface Errand {
  dialect: DialectName;
  operation: Operation;
}

interface Known {
  plan: Plan;
  resolved: Resolved;
  /** True: its targets can do different things, so that what a call needs decides which may be asked. */
  isMixed: boolean;
  /** True: there is a choice that a conversation may depend on. */
  isShared: boolean;
}

/** More names than this are not remembered at once; they are a client's free text. */
const MOST_PLANS = 5000;

export function createRouting({ book, membersOf, ownTarget, guide, shadowOf }: RoutingDeps): Routing {
  const plans = new Map<string, Known>();

  function planFor({ call }: Prompt, names: readonly string[] | undefined): Known {
    const ask = { dialect: call.bodyDialect, operation: call.operation };
    const key = `${ask.dialect}\n${ask.operation}\n${names === undefined ? call.model : names.join('\n')}`;
    const known = plans.get(key);
    if (known !== undefined) return known;
    const resolved = names === undefined ? resolveModel(call.model, book) : resolveNames(names, book);
    const made = makePlan(resolved, ask, call.model, { membersOf, ownTarget });
    if (plans.size >= MOST_PLANS) plans.clear();
    plans.set(key, made);
    return made;
  }

  function withShadow(plan: Plan, prompt: Prompt): Plan {
    const shadow = shadowOf?.(prompt);
    if (shadow === undefined) return plan;
    try {
      return { ...plan, shadow: { name: shadow.name, groups: planFor(prompt, [shadow.model]).plan.groups } };
    } catch {
      // What the copy lacks must not be the call's misfortune.
      return plan;
    }
  }

  function decide(prompt: Prompt, guidance: Guidance | undefined): Plan {
    const known = planFor(prompt, guidance?.names);
    checkPermission(prompt, known.resolved);
    const plan = guidance === undefined ? known.plan : follow(guidance, known.plan);
    const fitting = known.isMixed ? fitPlan(plan, prompt) : plan;
    const tied = known.isShared ? withAffinity(fitting, prompt) : fitting;
    return shadowOf === undefined ? tied : withShadow(tied, prompt);
  }

  return {
    choosePlan(prompt) {
      const guidance = guide?.(prompt);
      if (guidance instanceof Promise) return guidance.then((told) => decide(prompt, told));
      return decide(prompt, guidance);
    },
  };
}

function follow({ reason, decision, defaults }: Guidance, plan: Plan): Plan {
  return { ...plan, reason, decision, ...(defaults !== undefined && { defaults }) };
}

function withAffinity(plan: Plan, prompt: Prompt): Plan {
  const affinity = affinityOf(prompt);
  return affinity === undefined ? plan : { ...plan, affinity };
}

function makePlan(
  resolved: Resolved,
  ask: Errand,
  asked: string,
  deps: Pick<RoutingDeps, 'membersOf' | 'ownTarget'>,
): Known {
  const groups = findGroups(resolved.groups, ask, deps);
  if (groups.length === 0)
    throw new GatewayError(
      'operation_not_supported',
      `No provider of the model ${JSON.stringify(asked)} offers ${ask.operation} at this path.`,
      { param: 'model' },
    );
  const { reason, notice, isStrict, isHedged, isResumed, keepsBodies, firstByteMs } = resolved;
  const { onContextOverflow, onContentPolicy } = resolved;
  const plan: Plan = {
    groups,
    reason,
    ...(notice !== undefined && { notice }),
    ...(isStrict === true && { isStrict }),
    ...(isHedged === true && { isHedged }),
    ...(isResumed === true && { isResumed }),
    ...(keepsBodies === true && { keepsBodies }),
    ...(firstByteMs !== undefined && { firstByteMs }),
    ...(onContextOverflow !== undefined && { onContextOverflow: findGroups(onContextOverflow, ask, deps) }),
    ...(onContentPolicy !== undefined && { onContentPolicy: findGroups(onContentPolicy, ask, deps) }),
  };
  const isShared = groups.some(({ members }) => members.length > 1);
  return { plan, resolved, isMixed: differInFacts(groups), isShared };
}

/** A candidate without a key is passed over while another can answer. */
function findGroups(
  wanted: readonly CandidateGroup[],
  ask: Errand,
  { membersOf, ownTarget }: Pick<RoutingDeps, 'membersOf' | 'ownTarget'>,
): TargetGroup[] {
  const groups: TargetGroup[] = [];
  let lacking: unknown;
  for (const { name, strategy, candidates } of wanted) {
    const members: Member[] = [];
    for (const candidate of candidates) {
      try {
        members.push(...membersOf(candidate, ask));
      } catch (error) {
        lacking ??= error;
      }
    }
    if (members.length > 0) groups.push({ name, strategy, members });
  }
  const first = wanted[0]?.candidates[0];
  const own = first && ownTarget(first, ask);
  if (own !== undefined)
    groups.push({ name: own.name, strategy: 'priority', members: [{ target: own, weight: 1, priority: 0 }] });
  if (groups.length === 0 && lacking !== undefined) throw lacking;
  return groups;
}

function checkPermission({ caller, call }: Prompt, resolved: Resolved): void {
  const patterns = caller.models;
  if (patterns === undefined || mayUse(patterns, call.model, candidatesOf(resolved))) return;
  throw new GatewayError(
    'model_not_allowed',
    `The key "${caller.keyName}" may not use the model ${JSON.stringify(call.model.slice(0, 200))}. It may use: ${patterns.slice(0, 10).join(', ') || 'none'}.`,
    { param: 'model' },
  );
}
