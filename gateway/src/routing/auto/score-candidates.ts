import { PICO_PER_DOLLAR } from '../../core/money.ts';
import type { Candidate } from './candidate.ts';
import type { ExemplarModel } from './exemplars/exemplar-model.ts';
import type { ExpectedOutput } from './expected-output.ts';
import { qualityAt } from './quality-at.ts';
import type { QualityTable } from './quality-table.ts';
import type { AutoSettings } from './settings.ts';
import type { TaskSignals } from './task-signals.ts';
import type { Tier } from './tasks.ts';

export interface Scored {
  readonly candidate: Candidate;
  /** Quality less what price and waiting take away. */
  score: number;
  /** 0 to 1. */
  quality: number;
  /** Integer pico-dollars; undefined where no price is known. */
  costPico: number | undefined;
}

export interface ScoringDeps {
  table: QualityTable;
  output: ExpectedOutput;
  settings: AutoSettings;
  /** What judged prompts of this tenant tell. */
  exemplars(): ExemplarModel | undefined;
}

/** Latency is weighed by this much waiting. */
const WAIT_MS = 10_000;
const MILLION = 1_000_000;

/** Scores candidates at a tier, in the order given: expected quality − λ(tier) × √(cost as a part of the dearest) − μ × wait for the first token. */
export function scoreCandidates(
  deps: ScoringDeps,
  candidates: readonly Candidate[],
  signals: TaskSignals,
  tier: Tier,
): { scored: Scored[]; evidence: number } {
  const { settings } = deps;
  const { qualities, evidence } = expectQualities(deps, candidates, signals);
  const costs = candidates.map((candidate) => costOf(deps, candidate, signals));
  const known = costs.filter((cost) => cost !== undefined);
  const dearest = Math.max(0, ...known);
  // Of a price that nobody knows, the middle of those known is assumed: neither a gift nor a punishment.
  const assumed = known.length === 0 ? 0 : known.reduce((sum, cost) => sum + cost, 0) / known.length;
  const scored = candidates.map((candidate, at) => {
    // Prices span three decades; without the root one dear candidate would make all others look free.
    const part = dearest === 0 ? 0 : Math.sqrt((costs[at] ?? assumed) / dearest);
    const wait = Math.min(1, (candidate.expectedFirstTokenMs ?? 0) / WAIT_MS);
    const score = qualities[at]! - settings.costWeight[tier] * part - settings.latencyWeight * wait;
    return { candidate, score, quality: qualities[at]!, costPico: costs[at] };
  });
  return { scored, evidence };
}

function expectQualities(
  { table, exemplars }: ScoringDeps,
  candidates: readonly Candidate[],
  { task, difficulty, source }: TaskSignals,
): { qualities: number[]; evidence: number } {
  const qualities = candidates.map((candidate) =>
    qualityAt(table.estimate(task, candidate.name, outputPrice(candidate)).mean, difficulty),
  );
  const model = exemplars();
  if (model === undefined) return { qualities, evidence: 0 };
  const places = model.models.map((name) => candidates.findIndex((candidate) => candidate.name === name));
  const priors = places.map((place) => (place === -1 ? 0.5 : qualities[place]!));
  const { quality, evidence } = model.estimate(source.text, task, priors);
  places.forEach((place, at) => {
    if (place !== -1) qualities[place] = quality[at]!;
  });
  return { qualities, evidence };
}

function costOf({ output }: ScoringDeps, candidate: Candidate, { task, source }: TaskSignals): number | undefined {
  return candidate.cost({ inputTokens: source.inputTokens, outputTokens: output.tokens(task, candidate, source) });
}

/** Dollars for a million tokens of output. */
function outputPrice(candidate: Candidate): number | undefined {
  const pico = candidate.cost({ inputTokens: 0, outputTokens: MILLION });
  return pico === undefined ? undefined : pico / PICO_PER_DOLLAR;
}
