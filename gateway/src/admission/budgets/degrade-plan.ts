import type { Thrift } from '../../core/budget.ts';
import type { Plan } from '../../core/plan.ts';

/** The plan with the shorter answers that a budget asks for. The same plan where it asks for none. */
export function degradePlan(plan: Plan, thrift: Thrift | undefined): Plan {
  if (thrift?.maxTokens === undefined) return plan;
  const { maxTokensCap = Number.POSITIVE_INFINITY } = plan.defaults ?? {};
  return { ...plan, defaults: { ...plan.defaults, maxTokensCap: Math.min(maxTokensCap, thrift.maxTokens) } };
}
