import type { DialectName } from '@xidao/dialects';
import { GatewayError } from '../core/errors.ts';
import type { Operation } from '../core/operation.ts';
import type { Plan } from '../core/plan.ts';
import type { Prompt } from '../core/prompt.ts';
import type { Target } from '../core/target.ts';
import { mayUse } from './permits.ts';
import { type Candidate, type NameBook, type Resolved, resolveModel } from './resolve-model.ts';

export interface Routing {
  choosePlan(prompt: Prompt): Plan;
}

export interface RoutingDeps {
  book: NameBook;
  /** The target for a candidate; undefined where it offers no such operation. Throws what its configuration lacks. */
  targetOf(candidate: Candidate, ask: Errand): Target | undefined;
  /** What the gateway itself can do where no provider can, or none does. Undefined: nothing. */
  ownTarget(candidate: Candidate, ask: Errand): Target | undefined;
}

interface Errand {
  dialect: DialectName;
  operation: Operation;
}

/** More names than this are not remembered at once; they are a client's free text. */
const MOST_PLANS = 5000;

export function createRouting({ book, targetOf, ownTarget }: RoutingDeps): Routing {
  const plans = new Map<string, { plan: Plan; resolved: Resolved }>();

  function planFor({ call }: Prompt): { plan: Plan; resolved: Resolved } {
    const ask = { dialect: call.bodyDialect, operation: call.operation };
    const key = `${ask.dialect}\n${ask.operation}\n${call.model}`;
    const known = plans.get(key);
    if (known !== undefined) return known;
    const resolved = resolveModel(call.model, book);
    const targets = findTargets(resolved.candidates, ask, { targetOf, ownTarget });
    const made = { plan: planOf(resolved, targets, call), resolved };
    if (plans.size >= MOST_PLANS) plans.clear();
    plans.set(key, made);
    return made;
  }

  return {
    choosePlan(prompt) {
      const { plan, resolved } = planFor(prompt);
      checkPermission(prompt, resolved);
      return plan;
    },
  };
}

function planOf(resolved: Resolved, targets: Target[], { model, operation }: Prompt['call']): Plan {
  if (targets.length === 0)
    throw new GatewayError(
      'operation_not_supported',
      `No provider of the model ${JSON.stringify(model)} offers ${operation} at this path.`,
      { param: 'model' },
    );
  const { reason, notice, isStrict } = resolved;
  return { targets, reason, ...(notice !== undefined && { notice }), ...(isStrict === true && { isStrict }) };
}

/** A candidate without a key is passed over while another can answer. */
function findTargets(
  candidates: readonly Candidate[],
  ask: Errand,
  { targetOf, ownTarget }: Omit<RoutingDeps, 'book'>,
): Target[] {
  const targets: Target[] = [];
  let lacking: unknown;
  for (const candidate of candidates) {
    try {
      const target = targetOf(candidate, ask);
      if (target !== undefined) targets.push(target);
    } catch (error) {
      lacking ??= error;
    }
  }
  const [first] = candidates;
  const own = first && ownTarget(first, ask);
  if (own !== undefined) targets.push(own);
  if (targets.length === 0 && lacking !== undefined) throw lacking;
  return targets;
}

function checkPermission({ caller, call }: Prompt, { candidates }: Resolved): void {
  const patterns = caller.models;
  if (patterns === undefined || mayUse(patterns, call.model, candidates)) return;
  throw new GatewayError(
    'model_not_allowed',
    `The key "${caller.keyName}" may not use the model ${JSON.stringify(call.model.slice(0, 200))}. It may use: ${patterns.slice(0, 10).join(', ') || 'none'}.`,
    { param: 'model' },
  );
}
