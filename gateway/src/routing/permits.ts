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
  return patterns.some((pattern) => matches(pattern, name));
}

function matches(pattern: string, name: string): boolean {
  if (!pattern.includes('*')) return pattern === name;
  const [first, ...rest] = pattern.split('*') as [string, ...string[]];
  const last = rest.pop()!;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const middle of rest) {
    const found = name.indexOf(middle, at);
    if (found === -1) return false;
    at = found + middle.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
