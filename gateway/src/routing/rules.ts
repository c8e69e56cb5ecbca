import type { Prompt } from '../core/prompt.ts';
import type { Guidance, Guide } from './guide.ts';
import { type Circumstances, type Match, matchesCall } from './match-call.ts';

/** Calls that match go to other models than their client named. */
export interface Rule {
  name?: string | undefined;
  match: Match;
  route_to: readonly string[];
}

/** The first rule that matches decides. Undefined where there is no rule at all. */
export function createRules(rules: readonly Rule[], circumstances: Circumstances): Guide | undefined {
  if (rules.length === 0) return undefined;
  return (prompt: Prompt): Guidance | undefined => {
    const at = rules.findIndex(({ match }) => matchesCall(match, prompt, circumstances));
    const rule = rules[at];
    if (rule === undefined) return undefined;
    const name = rule.name ?? `number ${at + 1}`;
    return {
      names: rule.route_to,
      reason: `rule ${name}`,
      decision: { rule: name, candidates: rule.route_to.map((model) => ({ name: model })) },
    };
  };
}
