/**
 * Whether a name is the pattern, in which `*` stands for any run of characters, also an empty one. A star in the name itself is met by a star of the pattern alone, so that this tells as
 * well whether one pattern covers all that another does.
 */
export function fitsPattern(pattern: string, name: string): boolean {
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
