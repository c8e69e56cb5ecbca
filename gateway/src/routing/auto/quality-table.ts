import { type Ability, FAMILY_PRIORS, type FamilyPrior, PRIOR_WEIGHT } from './data/quality-priors.ts';
import type { TaskName } from './tasks.ts';

export interface Quality {
  /** Expected share of requests answered well, 0 to 1. */
  mean: number;
  /** As many judged answers as stand behind it. */
  weight: number;
}

/** What is expected of each model at each task: priors from public leaderboards, moved by what is seen here. */
export interface QualityTable {
  /** `pricePerMillion`: dollars for a million tokens of output, where the model's name says nothing. */
  estimate(task: string, model: string, pricePerMillion: number | undefined): Quality;
  /** An answer was seen: `score` 0 to 1, counted as `weight` judged answers. */
  observe(seen: { task: string; model: string; score: number; weight: number }): void;
}

export interface QualityTableDeps {
  /** Milliseconds since 1970, for what is seen to fade. */
  now(): number;
  /** What an operator says of a model, 0 to 1, instead of the priors. */
  given?: Readonly<Record<string, number>>;
}

const ABILITY: Record<TaskName, Ability> = {
  code_generation: 'code',
  code_review: 'code',
  creative_writing: 'writing',
  data_analysis: 'reasoning',
  translation: 'language',
  math_reasoning: 'reasoning',
  general_qa: 'knowledge',
  summarization: 'reading',
  classification: 'knowledge',
  extraction: 'reading',
  chat: 'writing',
  agent: 'agent',
  long_document: 'reading',
  multimodal: 'vision',
};

/** What is seen counts half after a week. */
const HALF_LIFE_MS = 7 * 24 * 3_600_000;
/** Cells kept; task and model names are bounded by configuration, so this is a fence and no limit. */
const MOST_CELLS = 5_000;
const GIVEN_WEIGHT = 20;
const UNKNOWN_WEIGHT = 2;

interface Cell {
  sum: number;
  weight: number;
  at: number;
}

export function createQualityTable({ now, given = {} }: QualityTableDeps): QualityTable {
  const cells = new Map<string, Cell>();
  const families = new Map<string, FamilyPrior | null>();

  function familyOf(model: string): FamilyPrior | undefined {
    let family = families.get(model);
    if (family === undefined) {
      family = findFamily(model) ?? null;
      if (families.size >= MOST_CELLS) families.clear();
      families.set(model, family);
    }
    return family ?? undefined;
  }

  function priorOf(task: string, model: string, pricePerMillion: number | undefined): Quality {
    if (Object.hasOwn(given, model)) return { mean: given[model]!, weight: GIVEN_WEIGHT };
    const family = familyOf(model);
    if (family === undefined) return { mean: qualityOfPrice(pricePerMillion), weight: UNKNOWN_WEIGHT };
    const ability = Object.hasOwn(ABILITY, task) ? ABILITY[task as TaskName] : undefined;
    const mean = (ability !== undefined && family.differs?.[ability]) || family.overall;
    return { mean, weight: PRIOR_WEIGHT[family.source] };
  }

  return {
    estimate(task, model, pricePerMillion) {
      const prior = priorOf(task, model, pricePerMillion);
      const cell = cells.get(`${task}\n${model}`);
      if (cell === undefined) return prior;
      const left = fading(cell, now());
      const weight = prior.weight + cell.weight * left;
      return { mean: (prior.mean * prior.weight + cell.sum * left) / weight, weight };
    },
    observe({ task, model, score, weight }) {
      if (!(weight > 0) || !(score >= 0 && score <= 1)) return;
      const key = `${task}\n${model}`;
      const at = now();
      const before = cells.get(key);
      const left = before === undefined ? 0 : fading(before, at);
      if (before === undefined && cells.size >= MOST_CELLS) return;
      cells.set(key, {
        sum: (before?.sum ?? 0) * left + score * weight,
        weight: (before?.weight ?? 0) * left + weight,
        at,
      });
    },
  };
}

function fading({ at }: Cell, now: number): number {
  return 2 ** (-Math.max(0, now - at) / HALF_LIFE_MS);
}

function findFamily(model: string): FamilyPrior | undefined {
  const name = model.toLowerCase().slice(model.lastIndexOf('/') + 1);
  return FAMILY_PRIORS.find(({ pattern }) => pattern.test(name));
}

/** Of a model that nobody has heard of, its price is the best that is known: 0.4 for almost nothing, 0.8 for what only the best may ask. */
function qualityOfPrice(dollarsPerMillion: number | undefined): number {
  if (dollarsPerMillion === undefined || !(dollarsPerMillion > 0)) return 0.55;
  return Math.min(0.8, Math.max(0.4, 0.55 + 0.08 * Math.log10(dollarsPerMillion) * 2));
}
