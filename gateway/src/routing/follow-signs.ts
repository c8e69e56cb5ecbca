import type { Prompt } from '../core/prompt.ts';
import type { Guidance, Guide, SlowGuide } from './guide.ts';
import { isAuto } from './resolve-model.ts';

/** What may decide over a call besides its client's word, each if it is configured. */
export interface Signs {
  rules?: Guide | undefined;
  abTests?: Guide | undefined;
  /** Asked only for `auto` and its tiers. */
  auto?: SlowGuide | undefined;
}

/**
 * Rules first, then A/B tests, then `auto`: each sees what the one before has said, so that a rule may send calls into a test, and both may send them to `auto`. Undefined where nothing is configured
 * but `auto`, and where nobody says `auto` that costs one comparison.
 */
export function followSigns({ rules, abTests, auto }: Signs): SlowGuide | undefined {
  if (rules === undefined && abTests === undefined && auto === undefined) return undefined;
  return (prompt) => {
    const ruled = rules?.(prompt);
    const guidance = join(ruled, abTests?.(under(prompt, ruled)));
    const name = guidance?.names[0] ?? prompt.call.model;
    if (!isAuto(name)) return guidance;
    const chosen = auto?.(under(prompt, guidance));
    return chosen instanceof Promise ? chosen.then((after) => join(guidance, after)) : join(guidance, chosen);
  };
}

/** The prompt as if its client had said what was decided so far. */
function under(prompt: Prompt, guidance: Guidance | undefined): Prompt {
  const name = guidance?.names[0];
  if (name === undefined) return prompt;
  return { ...prompt, call: Object.create(prompt.call, { model: { value: name } }) };
}

function join(before: Guidance | undefined, after: Guidance | undefined): Guidance | undefined {
  if (before === undefined || after === undefined) return after ?? before;
  return {
    ...after,
    // What the earlier one would have tried next is still there when nothing of the later one answers.
    names: [...after.names, ...before.names.slice(1)],
    reason: `${before.reason}, ${after.reason}`,
    decision: { ...before.decision, ...after.decision },
  };
}
