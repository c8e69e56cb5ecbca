import type { Config } from './config/schema.ts';
import type { Prompt } from './core/prompt.ts';
import { type AbTest, createAbTests } from './routing/ab-tests.ts';
import type { RoutingDeps } from './routing/choose-plan.ts';
import { followSigns } from './routing/follow-signs.ts';
import type { SlowGuide } from './routing/guide.ts';
import type { Circumstances } from './routing/match-call.ts';
import { createRules, type Rule } from './routing/rules.ts';
import { createShadows, type ShadowRule, type ShadowSpend } from './routing/shadows.ts';

export interface GuidePostDeps {
  routing: Config['routing'];
  nowMs: () => number;
  random: () => number;
  shadowSpend: ShadowSpend;
  /** Whether a name means a model here. */
  isModel: (name: string) => boolean;
  /** The kind of task of a call. */
  taskOf: (prompt: Prompt) => string | undefined;
  auto: SlowGuide | undefined;
}

/** What under `routing:` decides over calls: rules, A/B tests, `auto` and shadows. What names a model that nobody serves is left out, with a line for the operator. */
export function setGuidePosts(deps: GuidePostDeps): Pick<RoutingDeps, 'guide' | 'shadowOf'> & { warnings: string[] } {
  const { routing, nowMs, taskOf, auto } = deps;
  const circumstances: Circumstances = { taskOf, nowMs };
  const warnings: string[] = [];
  const keepKnown = (path: string, names: readonly string[]): string[] =>
    names.filter((name, index) => {
      if (deps.isModel(name)) return true;
      warnings.push(`routing.${path}[${index}]: no provider here serves ${JSON.stringify(name)}, so it is left out.`);
      return false;
    });
  const rules = routing.rules.flatMap((rule, index): Rule[] => {
    const known = keepKnown(`rules[${index}].route_to`, rule.route_to);
    return known.length === 0 ? [] : [{ ...rule, route_to: known }];
  });
  const tests = routing.ab_tests.map((test, index): AbTest => {
    const names = keepKnown(
      `ab_tests[${index}].variants`,
      test.variants.map(({ model }) => model),
    );
    return { ...test, variants: test.variants.filter(({ model }) => names.includes(model)) };
  });
  const shadows: ShadowRule[] = routing.shadow.filter(
    ({ model }, index) => keepKnown(`shadow[${index}].model`, [model]).length > 0,
  );
  return {
    warnings,
    guide: followSigns({
      rules: createRules(rules, circumstances),
      abTests: createAbTests(tests, circumstances),
      auto,
    }),
    shadowOf: createShadows(shadows, circumstances, { spend: deps.shadowSpend, random: deps.random }),
  };
}
