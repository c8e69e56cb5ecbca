/** Takes one item from each row in turn until all are taken. */
export function interleave<Item>(rows: readonly Item[][]): Item[] {
  const longest = Math.max(0, ...rows.map((row) => row.length));
  return Array.from({ length: longest }, (_, column) => rows.flatMap((row) => row.slice(column, column + 1))).flat();
}
