/** What further input costs in time, by a regression of time on input that forgets: means, variances and covariance of the last hundred or so answers. */
export interface InputSlope {
  count: number;
  /** Thousands of tokens. */
  meanInput: number;
  meanMs: number;
  inputVariance: number;
  msVariance: number;
  covariance: number;
}

const MEMORY = 100;
const FEWEST = 30;
/** Inputs that hardly differ (by 100 tokens or so) tell nothing; this much variance is added to theirs. */
const RIDGE = 0.01;
/** Share of the variance that the input must explain; less than that is what chance gives. */
const LEAST_EXPLAINED = 0.1;
/** A straggler is counted as this many times the mean, lest one answer make the slope. */
const LONGEST = 4;

export function createInputSlope(): InputSlope {
  return { count: 0, meanInput: 0, meanMs: 0, inputVariance: 0, msVariance: 0, covariance: 0 };
}

/** Takes one answer's time into account. */
export function learnSlope(slope: InputSlope, inputTokens: number, ms: number): void {
  slope.count++;
  const share = Math.max(1 / slope.count, 1 / MEMORY);
  const heldMs = slope.count > FEWEST ? Math.min(ms, LONGEST * slope.meanMs) : ms;
  const input = inputTokens / 1000 - slope.meanInput;
  const time = heldMs - slope.meanMs;
  slope.meanInput += share * input;
  slope.meanMs += share * time;
  slope.inputVariance = (1 - share) * (slope.inputVariance + share * input * input);
  slope.msVariance = (1 - share) * (slope.msVariance + share * time * time);
  slope.covariance = (1 - share) * (slope.covariance + share * input * time);
}

/** Milliseconds that every further 1,000 tokens of input take. 0 as long as nothing can be said. */
export function msPerKilotoken(slope: InputSlope): number {
  if (slope.count < FEWEST || slope.covariance <= 0) return 0;
  const explained = slope.covariance * slope.covariance;
  if (explained < LEAST_EXPLAINED * slope.inputVariance * slope.msVariance) return 0;
  return slope.covariance / (slope.inputVariance + RIDGE);
}

/** Milliseconds that this input takes more (or less) than the average input. */
export function extraMs(slope: InputSlope, inputTokens: number): number {
  const each = msPerKilotoken(slope);
  return each === 0 ? 0 : each * (inputTokens / 1000 - slope.meanInput);
}
