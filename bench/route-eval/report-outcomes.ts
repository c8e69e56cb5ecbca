import { seededRandom } from '../../gateway/src/routing/auto/exemplars/random.ts';
import { mean, type OutcomeSet } from './data-sets.ts';
import {
  apgr,
  type Economy,
  type Expectation,
  economise,
  expectAcrossFolds,
  FOLDS,
  priorsOf,
} from './measure-routing.ts';

const SEEDS = [1, 2, 3, 4, 5];
const BOOTSTRAPS = 200;

/** A section on one set of outcomes: gap recovered, and cost at the best single model's quality. */
export function reportOutcomes(set: OutcomeSet): string {
  const { file, outcomes, models } = set;
  const groups = new Set(outcomes.map(({ group }) => group)).size;
  const inDomain = SEEDS.map((seed) => expectAcrossFolds(set, 'prompt', seed));
  const leftOut = groups < FOLDS ? [] : SEEDS.map((seed) => expectAcrossFolds(set, 'group', seed));
  return `### ${file}

${outcomes.length} prompts of ${groups} ${groups === 1 ? 'group' : 'groups'}, answered by ${models.map((model) => `${model} (${mean(outcomes.map(({ scores }) => scores[model] ?? 0)).toFixed(3)})`).join(', ')}.

| router | gap recovered |
| --- | --- |
${gapRows(set, inDomain, leftOut).join('\n')}

| learned from | best single's quality at | one point less at | highest quality | best single |
| --- | --- | --- | --- | --- |
${economyRow(
  '4 of 5 prompts',
  inDomain.map((expected) => economise(set, expected)),
)}
${
  leftOut.length === 0
    ? ''
    : economyRow(
        '4 of 5 groups',
        leftOut.map((expected) => economise(set, expected)),
      )
}`;
}

function gapRows(set: OutcomeSet, inDomain: Expectation[][], leftOut: Expectation[][]): string[] {
  const { outcomes, models } = set;
  const [weak, strong] = [models[0]!, models.at(-1)!];
  const texts = outcomes.map(({ text }) => text);
  const rows: [string, string][] = [
    ["the articles' keywords (complexity)", apgr(set, texts.map(articleComplexity)).toFixed(3)],
    [
      'length of the prompt',
      apgr(
        set,
        texts.map((text) => text.length),
      ).toFixed(3),
    ],
  ];
  const difficulty = texts.map((text) => priorsOf(text, models).difficulty);
  rows.push([
    'difficulty alone, taught by nothing',
    `${apgr(set, difficulty).toFixed(3)} (sampling ± ${samplingError(set, difficulty).toFixed(3)})`,
  ]);
  rows.push([`learned, ${FOLDS} folds`, spread(inDomain.map((expected) => gapOf(set, expected)))]);
  if (leftOut.length > 0)
    rows.push([`learned, groups left out, ${FOLDS} folds`, spread(leftOut.map((expected) => gapOf(set, expected)))]);
  if (leftOut.length > 0) {
    const sameFolds = leftOut.map((expected) =>
      apgr(
        set,
        difficulty,
        expected.map(({ fold }) => fold),
      ),
    );
    rows.push(['difficulty alone, in the same folds of groups', spread(sameFolds)]);
  }
  rows.push([
    'knowing the outcomes',
    apgr(
      set,
      outcomes.map(({ scores }) => scores[strong]! - scores[weak]!),
    ).toFixed(3),
  ]);
  return rows.map(([name, figure]) => `| ${name} | ${figure} |`);
}

function gapOf(set: OutcomeSet, expected: readonly Expectation[]): number {
  const gains = expected.map(({ quality }) => quality.at(-1)! - quality[0]!);
  return apgr(
    set,
    gains,
    expected.map(({ fold }) => fold),
  );
}

/** Standard deviation of the figure over drawings with replacement. */
function samplingError(set: OutcomeSet, gains: readonly number[]): number {
  const random = seededRandom(1);
  const figures = Array.from({ length: BOOTSTRAPS }, () => {
    const drawn = gains.map(() => Math.floor(random() * gains.length));
    return apgr(
      { ...set, outcomes: drawn.map((at) => set.outcomes[at]!) },
      drawn.map((at) => gains[at]!),
    );
  });
  return deviation(figures);
}

function economyRow(name: string, economies: readonly Economy[]): string {
  const reached = told(economies.map(({ costAtBest }) => costAtBest));
  const near = told(economies.map(({ costNearBest }) => costNearBest));
  return `| ${name} | ${reached} | ${near} | ${mean(economies.map(({ most }) => most)).toFixed(3)} | ${economies[0]!.best.toFixed(3)} |`;
}

function told(costs: readonly (number | undefined)[]): string {
  const known = costs.filter((cost) => cost !== undefined);
  if (known.length === 0) return 'never';
  const some = known.length === costs.length ? '' : ` (in ${known.length} of ${costs.length})`;
  return `${(100 * mean(known)).toFixed(0)} % of its cost${some}`;
}

function spread(figures: readonly number[]): string {
  return `${mean(figures).toFixed(3)} ± ${deviation(figures).toFixed(3)}`;
}

function deviation(figures: readonly number[]): number {
  const middle = mean(figures);
  return Math.sqrt(mean(figures.map((figure) => (figure - middle) ** 2)));
}

/** The articles' words for simple, medium, complex and critical requests. */
function articleComplexity(text: string): number {
  const lower = text.toLowerCase();
  const place = COMPLEXITY.findIndex((words) => words.some((word) => lower.includes(word)));
  return place === -1 ? 1 : place;
}

const COMPLEXITY: readonly (readonly string[])[] = [
  ['classify', 'extract', 'format', 'list', 'tag'],
  ['translate', 'summarize', 'explain', 'answer'],
  ['analyze', 'reason', 'compare', 'evaluate', 'design'],
  ['review', 'security', 'decide', 'architect'],
];
