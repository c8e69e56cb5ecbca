/** Longer names are cut before comparing, since comparing costs the product of both lengths. */
const greatestLength = 120;

/**
 * The candidates that a mistyped `name` may have meant, the likeliest first, at most `howMany`. Case and separators count for
 * nothing; a candidate is near when it begins with the name, or when at most two fifths of its letters differ.
 */
export function nearestNames(name: string, candidates: Iterable<string>, howMany = 3): string[] {
  const wanted = plain(name);
  if (wanted === '') return [];
  const near: { candidate: string; score: number }[] = [];
  for (const candidate of new Set(candidates)) {
    const score = remoteness(wanted, candidate);
    if (score <= 0.4) near.push({ candidate, score });
  }
  near.sort(
    (a, b) => a.score - b.score || a.candidate.length - b.candidate.length || (a.candidate < b.candidate ? -1 : 1),
  );
  return near.slice(0, howMany).map(({ candidate }) => candidate);
}

/** 0: the same letters; 1: nothing in common. What stands after the last slash counts alone too (`openai/gpt-5` for `gpt5`). */
function remoteness(wanted: string, candidate: string): number {
  const whole = distanceShare(wanted, plain(candidate));
  const slash = candidate.lastIndexOf('/');
  return slash < 0 ? whole : Math.min(whole, 0.01 + distanceShare(wanted, plain(candidate.slice(slash + 1))));
}

function distanceShare(wanted: string, candidate: string): number {
  if (candidate === '') return 1;
  const share = editDistance(wanted, candidate) / Math.max(wanted.length, candidate.length);
  return wanted.length >= 3 && candidate.startsWith(wanted) ? Math.min(share, 0.3) : share;
}

function plain(name: string): string {
  return name
    .slice(0, greatestLength)
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}/]/gu, '');
}

/** Insertions, deletions, substitutions and swaps of neighbours that turn one text into the other (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substitution = last[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      let least = Math.min(substitution, last[column]! + 1, current[column - 1]! + 1);
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        least = Math.min(least, beforeLast[column - 2]! + 1);
      }
      current.push(least);
    }
    [beforeLast, last] = [last, current];
  }
  return last[b.length]!;
}

/** The one candidate most like `name`. Undefined: none is near. */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  return nearestNames(name, candidates, 1)[0];
}
