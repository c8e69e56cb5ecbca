/** The middle value; of an even number of values, the mean of the two in the middle. NaN of none. */
export function median(values) {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Median, least and greatest of the values that are numbers; undefined when there is none. */
export function summarize(values) {
  const numbers = values.filter(Number.isFinite);
  if (numbers.length === 0) return undefined;
  return { median: median(numbers), min: Math.min(...numbers), max: Math.max(...numbers), count: numbers.length };
}

/** The value of every round in which both sides were measured: what `of` says of the one against the other. */
export function pairRounds(ours, theirs, of) {
  return ours
    .map((sample) => ({ sample, other: theirs.find((candidate) => candidate.round === sample.round) }))
    .filter(({ other }) => other !== undefined)
    .map(({ sample, other }) => of(sample, other));
}
