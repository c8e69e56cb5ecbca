/** How far models are from what was thought of them, in all and for each task. */
export interface TaskShifts {
  /** To be added to what is thought of each model at this task. */
  shiftsOf(task: string): Float64Array;
}

interface Seen {
  task: string;
  /** Score less expectation, one for each model; NaN where it was not asked. */
  residuals: ArrayLike<number>;
}

/** How many times the differences between models that chance makes have to be exceeded, before a task is one of its own. */
const CAUTION = 2;

/**
 * Means of what was seen beyond the expectation, as if `strength` more had been as expected. A task has its own as far as the models differ in
 * it more than chance makes them (James and Stein 1961); otherwise it has those of all tasks.
 */
export function fitTaskShifts(seen: readonly Seen[], outputs: number, strength: number): TaskShifts {
  const overall = shrunkMeans(seen, new Float64Array(outputs), strength);
  const byTask = Map.groupBy(seen, ({ task }) => task);
  const shifts = new Map(
    [...byTask].map(([task, those]) => {
      const own = shrunkMeans(those, overall, strength);
      const share = shareBeyondChance(those, own, overall);
      return [task, overall.map((shift, output) => shift + share * (own[output]! - shift))];
    }),
  );
  return { shiftsOf: (task) => shifts.get(task) ?? overall };
}

function shrunkMeans(seen: readonly Seen[], toward: Float64Array, strength: number): Float64Array {
  return toward.map((start, output) => {
    let sum = start * strength;
    let weight = strength;
    for (const { residuals } of seen) {
      const residual = residuals[output]!;
      if (Number.isNaN(residual)) continue;
      sum += residual;
      weight++;
    }
    return sum / weight;
  });
}

/** 0 to 1: how much of the task's differences between models is more than its few prompts would show by chance. */
function shareBeyondChance(seen: readonly Seen[], own: Float64Array, overall: Float64Array): number {
  const deviations = centred(own.map((shift, output) => shift - overall[output]!));
  const means = centred(own);
  let scatter = 0;
  let freedoms = 0;
  for (const { residuals } of seen) {
    const differences = centred(residuals);
    for (let output = 0; output < means.length; output++) scatter += (differences[output]! - means[output]!) ** 2;
    freedoms++;
  }
  const byChance = (CAUTION * scatter) / Math.max(1, freedoms - 1) / Math.max(1, freedoms);
  const found = deviations.reduce((sum, deviation) => sum + deviation ** 2, 0);
  return found > byChance ? 1 - byChance / found : 0;
}

/** Differences from the mean of those that are known; 0 for the others. */
function centred(row: ArrayLike<number>): Float64Array {
  let sum = 0;
  let count = 0;
  for (let at = 0; at < row.length; at++) {
    if (Number.isNaN(row[at])) continue;
    sum += row[at]!;
    count++;
  }
  const mean = count === 0 ? 0 : sum / count;
  return Float64Array.from({ length: row.length }, (_, at) => (Number.isNaN(row[at]) ? 0 : row[at]! - mean));
}
