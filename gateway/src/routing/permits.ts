import { fitsPattern } from '../core/name-pattern.ts';

/** Whether a key of these patterns may say a name: the name itself is allowed, or every target behind it is. An alias is no way around the list. */
export function mayUse(
  patterns: readonly string[],
  name: string,
  targets: readonly { provider: string; model: string }[],
): boolean {
  if (permits(patterns, name)) return true;
  const isAllowed = ({ provider, model }: { provider: string; model: string }) =>
    permits(patterns, model) || permits(patterns, `${provider}/${model}`);
  return targets.length > 0 && targets.every(isAllowed);
}

/** Whether a name is one of those that the patterns allow; `*` stands for any run of characters. */
export function permits(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => fitsPattern(pattern, name));
}
