/**
 * The patterns that lie within both lists: those of one that the other covers whole. Two patterns that merely overlap
 * (`gpt-*` and `*-mini`) give nothing, so that a narrower list never lets more through. Undefined is every model.
 */
export function narrowModels(
  own: readonly string[] | undefined,
  outer: readonly string[] | undefined,
): readonly string[] | undefined {
  if (outer === undefined || outer.includes('*')) return withoutEvery(own);
  if (own === undefined || own.includes('*')) return outer;
  const within = own.filter((pattern) => outer.some((other) => covers(other, pattern)));
  const around = outer.filter((pattern) => own.some((other) => covers(other, pattern)));
  return [...new Set([...within, ...around])];
}

/** The patterns of `own` of which nothing is left within `outer`. */
export function modelsOutside(own: readonly string[], outer: readonly string[]): string[] {
  return own.filter((pattern) => narrowModels([pattern], outer)?.length === 0);
}

function withoutEvery(patterns: readonly string[] | undefined): readonly string[] | undefined {
  return patterns?.includes('*') ? undefined : patterns;
}

/** Whether every name that fits `inner` fits `outer` as well: a star within `inner` is met by nothing but a star. */
function covers(outer: string, inner: string): boolean {
  const [first, ...rest] = outer.split('*') as [string, ...string[]];
  const last = rest.pop();
  if (last === undefined) return outer === inner;
  if (!inner.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = inner.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return inner.length - last.length >= at && inner.endsWith(last);
}
