/** How estimates of one kind of text at one model have compared with what the provider counted. Numbers only; forgets slowly. */
export interface Calibration {
  /** The estimate, corrected by what was learned of this model; at least 1. One map access and a few multiplications. */
  correct(model: string, kind: number, estimated: number): number;
  learn(model: string, kind: number, estimated: number, actual: number): void;
}

/** How much a new observation weighs against all before it. */
const WEIGHT = 0.05;
/** Below so many observations only the ratio is trusted; a line through two points may point anywhere. */
const FEW = 4;
const MOST_MODELS = 2_000;
const LEAST_SLOPE = 0.5;
const MOST_SLOPE = 2;

/**
 * Learns actual = slope × estimated + overhead, by least squares of the relative error in which the past fades with weight 0.05 (until there are few observations, the plain
 * ratio). The slope is the tokenizer, the overhead what a provider puts around a prompt unseen (the frame of its messages, its instructions for tools) or a client's SDK writes around it.
 * Bounded: the model that was learned first is forgotten first.
 */
export function createCalibration(kinds: number): Calibration {
  const models = new Map<string, (Line | undefined)[]>();
  return {
    correct(model, kind, estimated) {
      const line = models.get(model)?.[kind];
      return line === undefined ? estimated : Math.max(1, Math.round(line.at(estimated)));
    },
    learn(model, kind, estimated, actual) {
      if (!(estimated > 0 && actual > 0)) return;
      let lines = models.get(model);
      if (lines === undefined) {
        if (models.size >= MOST_MODELS) models.delete(models.keys().next().value!);
        lines = Array.from({ length: kinds });
        models.set(model, lines);
      }
      lines[kind] ??= new Line();
      lines[kind].learn(estimated, actual);
    },
  };
}

class Line {
  #count = 0;
  #ratio = 1;
  // Fading sums of the observations, each weighted by the square of what it should have been.
  #w = 0;
  #x = 0;
  #y = 0;
  #xx = 0;
  #xy = 0;

  at(estimated: number): number {
    if (this.#count < FEW) return estimated * this.#ratio;
    const spread = this.#w * this.#xx - this.#x * this.#x;
    // All of about one length: nothing tells slope and overhead apart.
    if (spread < 0.01 * this.#w * this.#xx) return estimated * this.#ratio;
    const slope = (this.#w * this.#xy - this.#x * this.#y) / spread;
    if (slope < LEAST_SLOPE || slope > MOST_SLOPE) return estimated * this.#ratio;
    return slope * estimated + (this.#y - slope * this.#x) / this.#w;
  }

  learn(estimated: number, actual: number): void {
    this.#count += 1;
    const weight = Math.max(WEIGHT, 1 / this.#count);
    this.#ratio += weight * (actual / estimated - this.#ratio);
    const w = 1 / (actual * actual);
    const kept = 1 - WEIGHT;
    this.#w = kept * this.#w + w;
    this.#x = kept * this.#x + w * estimated;
    this.#y = kept * this.#y + w * actual;
    this.#xx = kept * this.#xx + w * estimated * estimated;
    this.#xy = kept * this.#xy + w * estimated * actual;
  }
}
