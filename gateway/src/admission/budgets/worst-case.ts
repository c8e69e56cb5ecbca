import type { Usage } from '@xidao/dialects';
import type { Plan, TargetGroup } from '../../core/plan.ts';
import type { Prompt } from '../../core/prompt.ts';
import type { Target } from '../../core/target.ts';
import { boundOutput, type OutputBound, worstOutput } from './worst-output.ts';

/** The most that a call can cost. */
export interface WorstCase {
  /** Integer pico-dollars, of the dearest target. */
  readonly costPico: number;
  /** Names of targets whose price nobody knows. */
  readonly unpriced: readonly string[];
  /** True: the client does not say how long the answer may be. */
  readonly isOpen: boolean;
}

/** Estimates of input are within this of the truth. */
const MARGIN = 1.1;

/** The most that a call can cost at those of its plan's targets that are `counted`. */
export function worstCase(plan: Plan, prompt: Prompt, counted: (target: Target) => boolean = () => true): WorstCase {
  const bound = boundOutput(prompt.call, plan);
  const unpriced: string[] = [];
  let costPico = 0;
  for (const target of targetsAsked(plan)) {
    if (!counted(target)) continue;
    const cost = worstAt(target, prompt, bound);
    if (cost === undefined) unpriced.push(target.name);
    else if (cost > costPico) costPico = cost;
  }
  // A race of two targets is paid twice.
  return { costPico: plan.isHedged ? costPico * 2 : costPico, unpriced, isOpen: bound.asked === undefined };
}

/** Every target that may be asked, each once. */
export function targetsAsked({ groups, onContextOverflow = [], onContentPolicy = [] }: Plan): Set<Target> {
  const targets = new Set<Target>();
  const add = (group: TargetGroup) => {
    for (const { target } of group.members) targets.add(target);
  };
  groups.forEach(add);
  onContextOverflow.forEach(add);
  onContentPolicy.forEach(add);
  return targets;
}

function worstAt(target: Target, prompt: Prompt, bound: OutputBound): number | undefined {
  const inputTokens = Math.ceil(prompt.inputTokens() * MARGIN);
  const usage: Usage = { inputTokens, outputTokens: worstOutput(bound, target) };
  const plain = target.cost(usage);
  if (plain === undefined) return undefined;
  // Writing a prompt to the provider's cache costs more than reading it afresh, most for the longest time to live.
  const forAnHour = prompt.call.bytes.includes('"1h"') ? { cacheWrite1hTokens: inputTokens } : {};
  return Math.max(plain, target.cost({ ...usage, cacheWriteTokens: inputTokens, ...forAnHour }) ?? plain);
}
