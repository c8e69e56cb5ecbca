/** One part of the simulation's report; a line in `scripts/sim.ts` makes it part of it. */
export interface Chapter {
  title: string;
  /** Runs all scenarios with fixed seeds. `quick` leaves out what only the table needs, and is what the unit tests run. */
  run(options: { quick: boolean }): Findings;
}

export interface Findings {
  tables: Table[];
  checks: Check[];
}

export interface Table {
  /** What is measured, in a few words. */
  caption: string;
  columns: string[];
  rows: string[][];
  /** What a reader must know to read it: the scenario in a sentence or two. */
  note?: string;
}

/** A promise about a number, and whether it holds. */
export interface Check {
  what: string;
  value: number;
  /** `<= 1.5 s` … */
  promise: string;
  holds: boolean;
}

/** Promises that a number does not pass a limit. */
export function atMost(what: string, value: number, limit: number, unit: string): Check {
  return { what, value, promise: `<= ${limit} ${unit}`, holds: value <= limit };
}

/** Promises that a number reaches a limit. */
export function atLeast(what: string, value: number, limit: number, unit: string): Check {
  return { what, value, promise: `>= ${limit} ${unit}`, holds: value >= limit };
}
