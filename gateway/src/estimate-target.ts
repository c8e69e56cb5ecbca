import { type DialectName, tokenCounting } from '@xidao/dialects';
import type { Operation } from './core/operation.ts';
import type { Target } from './core/target.ts';
import { defineProvider } from './providers/provider.ts';
import { countingHost } from './usage/counting-host.ts';

/** The gateway itself, where it answers instead of a provider. */
const own = defineProvider({
  name: 'xidao',
  title: 'XiDao',
  env: [],
  needsKey: false,
  auth: { kind: 'none' },
  speaks: {},
});

/** The last resort of a call that asks how many tokens a prompt is: an estimate, for any model. Undefined for all else. */
export function estimateTarget(
  { model }: { model: string },
  { dialect, operation }: { dialect: DialectName; operation: Operation },
): Target | undefined {
  if (operation !== 'count-tokens' || tokenCounting[dialect] === undefined) return undefined;
  return {
    name: `${own.name}/estimate`,
    provider: own.name,
    preset: own,
    model,
    dialect,
    operation,
    traits: { model },
    timeouts: { connect: 0, firstByte: 0, idle: 0, total: 0 },
    host: countingHost,
    facts: {},
    cost: () => 0,
  };
}
