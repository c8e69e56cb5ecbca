import { describe, expect, test } from 'vitest';
import { type Exemplar, fitExemplars } from './exemplar-model.ts';
import { seededRandom } from './random.ts';

const MODELS = ['weak', 'strong'];
const PRIORS = [0.6, 0.7];

/** Prompts of two subjects; `strongIn` says where the strong model is the only one that gets it right. */
function prompts(count: number, strongIn: (isLaw: boolean, random: number) => boolean): Exemplar[] {
  const random = seededRandom(5);
  const law = ['tenant', 'landlord', 'liable', 'contract', 'breach', 'damages', 'court', 'clause'];
  const food = ['flour', 'sugar', 'oven', 'bake', 'butter', 'recipe', 'dough', 'salt'];
  return Array.from({ length: count }, (_, at) => {
    const isLaw = at % 2 === 0;
    const words = Array.from({ length: 12 }, () => (isLaw ? law : food)[Math.floor(random() * 8)]!);
    const scores: Record<string, number> = strongIn(isLaw, random()) ? { weak: 0, strong: 1 } : { weak: 1, strong: 1 };
    return { text: words.join(' '), task: 'general_qa', scores, priors: PRIORS };
  });
}

const gain = (quality: Float64Array) => quality[1]! - quality[0]!;

describe('judged prompts', () => {
  test('tell where the strong model is worth it, on prompts that were not seen', () => {
    const model = fitExemplars(
      MODELS,
      prompts(300, (isLaw, random) => isLaw === random < 0.9),
    );
    const law = model.estimate('is the landlord liable for breach of contract', 'general_qa', PRIORS);
    const food = model.estimate('bake the dough with butter and salt', 'general_qa', PRIORS);
    expect(gain(law.quality)).toBeGreaterThan(gain(food.quality) + 0.2);
    expect(law.evidence).toBeGreaterThan(1);
  });

  test('that teach nothing are not believed', () => {
    const model = fitExemplars(
      MODELS,
      prompts(300, (_, random) => random < 0.4),
    );
    expect(model.trust.neighbours + model.trust.place + model.trust.words).toBeLessThan(0.6);
    const law = model.estimate('is the landlord liable for breach of contract', 'general_qa', PRIORS);
    const food = model.estimate('bake the dough with butter and salt', 'general_qa', PRIORS);
    expect(Math.abs(gain(law.quality) - gain(food.quality))).toBeLessThan(0.12);
  });

  test('say nothing of what is unlike all of them', () => {
    const model = fitExemplars(
      MODELS,
      prompts(300, (isLaw) => isLaw),
    );
    expect(model.estimate('quantum chromodynamics lattice', 'general_qa', PRIORS).evidence).toBe(0);
    expect(model.estimate('', 'chat', PRIORS).quality).toHaveLength(2);
  });

  test('teach the same twice, also where a model was not asked', () => {
    const seen = prompts(60, (isLaw) => isLaw).map((one, at) =>
      at % 3 === 0 ? { ...one, scores: { weak: one.scores['weak']! } } : one,
    );
    const estimate = () => fitExemplars(MODELS, seen).estimate('court and clause', 'general_qa', PRIORS);
    expect(estimate()).toEqual(estimate());
    expect([...estimate().quality].every((value) => value > 0 && value < 1)).toBe(true);
  });

  test('may be none', () => {
    expect(fitExemplars(MODELS, []).estimate('anything', 'chat', PRIORS).quality).toEqual(Float64Array.from(PRIORS));
  });
});
