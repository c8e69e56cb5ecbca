import type { JsonObject, Usage } from '@xidao/dialects';
import { asCall, type RouteQuestion } from './asked-call.ts';
import type { Caller } from './core/caller.ts';
import { PICO_PER_DOLLAR } from './core/money.ts';
import type { Member, Plan, TargetGroup } from './core/plan.ts';
import type { Prompt } from './core/prompt.ts';
import { readPrompt } from './pipeline/read-prompt.ts';
import type { Rooms } from './pipeline/rooms.ts';

/** What a call would be sent to, and why: the engine that serves calls, with no call made. */
export interface RouteExplanation {
  reason: string;
  notice?: string;
  decision?: Plan['decision'];
  input_tokens: number;
  /** In the order in which they would be tried now. */
  groups: ExplainedGroup[];
  on_context_overflow?: ExplainedGroup[];
  on_content_policy?: ExplainedGroup[];
}

export interface ExplainedGroup {
  name: string;
  strategy: string;
  targets: ExplainedTarget[];
}

export interface ExplainedTarget {
  target: string;
  weight: number;
  priority: number;
  dialect: string;
  /** What the strategy `latency` compares, in milliseconds. */
  cost_ms?: number;
  /** `closed`, `open` or `half-open`. */
  breaker: string;
  /** Why it would be passed over now. */
  barred?: string;
  /** For the input as estimated and `max_tokens` (or 500) of output; null: no price is known. */
  expected_cost_usd: number | null;
}

const USUAL_OUTPUT = 500;

/** Throws what the call itself would be refused with. */
export async function explainRoute(rooms: Rooms, question: RouteQuestion, caller: Caller): Promise<RouteExplanation> {
  const prompt = await rooms.responses.recall(readPrompt(caller, asCall(question), rooms.usage));
  const plan = rooms.responses.narrow(await rooms.routing.choosePlan(prompt), prompt);
  const describe = (groups: readonly TargetGroup[]) => groups.map((group) => describeGroup(group, rooms, prompt, plan));
  return {
    reason: plan.reason,
    ...(plan.notice !== undefined && { notice: plan.notice }),
    ...(plan.decision !== undefined && { decision: plan.decision }),
    input_tokens: prompt.inputTokens(),
    groups: describe(plan.groups),
    ...(plan.onContextOverflow !== undefined && { on_context_overflow: describe(plan.onContextOverflow) }),
    ...(plan.onContentPolicy !== undefined && { on_content_policy: describe(plan.onContentPolicy) }),
  };
}

function describeGroup(group: TargetGroup, { upstream }: Rooms, prompt: Prompt, plan: Plan): ExplainedGroup {
  const ask = { inputTokens: prompt.inputTokens(), wantsStream: prompt.call.wantsStream, affinity: plan.affinity };
  const whyBarred = ({ target: { name } }: Member): string | undefined => {
    if (!upstream.breakers.mayTry(name)) return `its breaker is open: ${upstream.breakers.view(name).reason ?? ''}`;
    const readyIn = upstream.quotas.readyAtMs(name, ask.inputTokens) - upstream.clock.now();
    return readyIn > 0 ? `its limit is used up for ${Math.ceil(readyIn / 1000)} s` : undefined;
  };
  const order = upstream.balancer.foresee(
    group,
    ask,
    (member) => whyBarred(member) !== undefined,
    upstream.breakers.ramp,
  );
  return {
    name: group.name,
    strategy: group.strategy,
    targets: order.map((member) => {
      const { target, weight, priority } = member;
      const barred = whyBarred(member);
      const costMs = group.members.length > 1 ? upstream.balancer.cost(member, group, ask) : Number.NaN;
      return {
        target: target.name,
        weight,
        priority,
        dialect: target.dialect,
        ...(Number.isFinite(costMs) && { cost_ms: Math.round(costMs) }),
        breaker: upstream.breakers.state(target.name),
        ...(barred !== undefined && { barred }),
        expected_cost_usd: inUsd(target.cost(expectedUsage(prompt))),
      };
    }),
  };
}

function expectedUsage(prompt: Prompt): Usage {
  const body: JsonObject = prompt.call.json();
  const asked = body['max_tokens'] ?? body['max_completion_tokens'] ?? body['max_output_tokens'];
  const outputTokens = typeof asked === 'number' ? asked : USUAL_OUTPUT;
  return { inputTokens: prompt.inputTokens(), outputTokens };
}

function inUsd(pico: number | undefined): number | null {
  return pico === undefined ? null : pico / PICO_PER_DOLLAR;
}
