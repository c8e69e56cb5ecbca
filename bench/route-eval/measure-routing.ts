import { difficultyOf } from '../../gateway/src/routing/auto/difficulty.ts';
import { type Exemplar, fitExemplars } from '../../gateway/src/routing/auto/exemplars/exemplar-model.ts';
import { seededRandom } from '../../gateway/src/routing/auto/exemplars/random.ts';
import { qualityAt } from '../../gateway/src/routing/auto/quality-at.ts';
import { createQualityTable } from '../../gateway/src/routing/auto/quality-table.ts';
import { signalsOfText } from '../../gateway/src/routing/auto/signals.ts';
import { classifyTask } from '../../gateway/src/routing/auto/text/classify-task.ts';
import { shippedTaskWeights } from '../../gateway/src/routing/auto/text/task-weights.ts';
import { mean, type Outcome, type OutcomeSet } from './data-sets.ts';

export const FOLDS = 5;
const EVIDENCE_NEEDED = 1;
const ONE_POINT = 0.01;

/** What the gateway expects of each model at a prompt. */
export interface Expectation {
  quality: number[];
  evidence: number;
  /** Of the same fifth as these: they were learned from the same prompts. */
  fold: number;
}

const table = createQualityTable({ now: () => 0 });
const weights = shippedTaskWeights();

/** The task, and what is thought of the models without any judged prompt. */
export function priorsOf(
  text: string,
  models: readonly string[],
): { task: string; difficulty: number; priors: number[] } {
  const source = signalsOfText(text);
  const { task } = classifyTask(source, weights());
  const difficulty = difficultyOf(source);
  return {
    task,
    difficulty,
    priors: models.map((model) => qualityAt(table.estimate(task, model, undefined).mean, difficulty)),
  };
}

/** Each prompt's expectation by the gateway's own learners, from the other four fifths. `by`: fifths of the prompts, or of their groups. */
export function expectAcrossFolds(
  { outcomes, models }: OutcomeSet,
  by: 'prompt' | 'group',
  seed: number,
): Expectation[] {
  const foldOf = by === 'prompt' ? foldsOfPrompts(outcomes, seed) : foldsOfGroups(outcomes, seed);
  const known = outcomes.map(({ text, scores }): Exemplar => ({ text, scores, ...priorsOf(text, models) }));
  const expected: Expectation[] = [];
  for (let fold = 0; fold < FOLDS; fold++) {
    const model = fitExemplars(
      models,
      known.filter((_, at) => foldOf[at] !== fold),
      seed,
    );
    known.forEach(({ text, task, priors }, at) => {
      if (foldOf[at] !== fold) return;
      const { quality, evidence } = model.estimate(text, task, priors);
      expected[at] = { quality: [...quality], evidence, fold };
    });
  }
  return expected;
}

/**
 * Mean performance gap recovered (RouteLLM): over all shares of strong calls, how much of the way from weak to strong is gone. Random
 * routing has 0.5. With folds, the strongest part of each fold is called, as each fold's router has a scale of its own.
 */
export function apgr({ outcomes, models }: OutcomeSet, gains: readonly number[], folds?: readonly number[]): number {
  const ranks = folds === undefined ? gains : ranksWithin(gains, folds);
  const order = [...ranks.keys()].sort((a, b) => ranks[b]! - ranks[a]!);
  const [weak, strong] = [models[0]!, models.at(-1)!];
  const steps = order.map((at) => outcomes[at]!.scores[strong]! - outcomes[at]!.scores[weak]!);
  const gap = steps.reduce((sum, step) => sum + step, 0);
  let recovered = 0;
  let area = 0;
  for (const step of steps) {
    area += (recovered + step / 2) / gap;
    recovered += step;
  }
  return area / steps.length;
}

export interface Economy {
  /** Least cost at which the best single model's quality is reached, as a part of that model's cost; undefined: never. */
  costAtBest: number | undefined;
  /** The same for one point (0.01) less. */
  costNearBest: number | undefined;
  /** Highest quality at any price, and the best single model's. */
  most: number;
  best: number;
}

/** Routes every prompt at every price of quality and tells what that costs. Where nothing alike was seen, the best single model answers. */
export function economise({ outcomes, models, prices }: OutcomeSet, expected: readonly Expectation[]): Economy {
  const cost = models.map((model) => prices[model] ?? 1);
  const singles = models.map((model) => mean(outcomes.map(({ scores }) => scores[model] ?? 0)));
  const bestPlace = singles.indexOf(Math.max(...singles));
  const dearest = Math.max(...cost);
  let costAtBest: number | undefined;
  let costNearBest: number | undefined;
  let most = 0;
  for (let step = 0; step <= 200; step++) {
    const lambda = step === 0 ? 0 : 1e-3 * 1.05 ** step;
    let spent = 0;
    let quality = 0;
    expected.forEach(({ quality: of, evidence }, at) => {
      const place =
        evidence < EVIDENCE_NEEDED
          ? bestPlace
          : placeOfBest(of.map((value, model) => value - (lambda * cost[model]!) / dearest));
      spent += cost[place]!;
      quality += outcomes[at]!.scores[models[place]!] ?? 0;
    });
    quality /= outcomes.length;
    most = Math.max(most, quality);
    const part = spent / (outcomes.length * cost[bestPlace]!);
    if (quality >= singles[bestPlace]!) costAtBest = Math.min(part, costAtBest ?? part);
    if (quality >= singles[bestPlace]! - ONE_POINT) costNearBest = Math.min(part, costNearBest ?? part);
  }
  return { costAtBest, costNearBest, most, best: singles[bestPlace]! };
}

function placeOfBest(values: readonly number[]): number {
  let place = 0;
  for (let at = 1; at < values.length; at++) if (values[at]! > values[place]!) place = at;
  return place;
}

function ranksWithin(gains: readonly number[], folds: readonly number[]): number[] {
  const ranks: number[] = [];
  for (const fold of new Set(folds)) {
    const those = [...gains.keys()].filter((at) => folds[at] === fold).sort((a, b) => gains[a]! - gains[b]!);
    those.forEach((at, rank) => {
      ranks[at] = (rank + 0.5) / those.length;
    });
  }
  return ranks;
}

function foldsOfPrompts(outcomes: readonly Outcome[], seed: number): number[] {
  const folds: number[] = [];
  shuffled([...outcomes.keys()], seed).forEach((at, place) => {
    folds[at] = place % FOLDS;
  });
  return folds;
}

function foldsOfGroups(outcomes: readonly Outcome[], seed: number): number[] {
  const groups = shuffled([...new Set(outcomes.map(({ group }) => group))].sort(), seed);
  return outcomes.map(({ group }) => groups.indexOf(group) % FOLDS);
}

function shuffled<T>(items: T[], seed: number): T[] {
  const random = seededRandom(seed);
  for (let at = items.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [items[at], items[other]] = [items[other]!, items[at]!];
  }
  return items;
}
