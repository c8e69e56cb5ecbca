import { fitsPattern } from '../core/name-pattern.ts';

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
  const within = own.filter((pattern) => outer.some((other) => fitsPattern(other, pattern)));
  const around = outer.filter((pattern) => own.some((other) => fitsPattern(other, pattern)));
  return [...new Set([...within, ...around])];
}

/** The patterns of `own` of which nothing is left within `outer`. */
export function modelsOutside(own: readonly string[], outer: readonly string[]): string[] {
  return own.filter((pattern) => narrowModels([pattern], outer)?.length === 0);
}

function withoutEvery(patterns: readonly string[] | undefined): readonly string[] | undefined {
  return patterns?.includes('*') ? undefined : patterns;
}
