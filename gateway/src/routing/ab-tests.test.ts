import { expect, test } from 'vitest';
import { aPrompt } from '../../test/a-prompt.ts';
import { type AbTest, createAbTests } from './ab-tests.ts';

const circumstances = { taskOf: () => undefined, nowMs: () => 0 };
const comparison: AbTest = {
  name: 'q2',
  enabled: true,
  sticky: 'user',
  variants: [
    { model: 'one', weight: 30 },
    { model: 'two', weight: 70 },
  ],
};
const guide = createAbTests([comparison], circumstances)!;

test('calls are shared by the weights of the variants', () => {
  const counts: Record<string, number> = { one: 0, two: 0 };
  for (let n = 0; n < 4000; n++) {
    const [model] = guide(aPrompt({ model: 'auto', caller: { user: `user ${n}` } }))!.names;
    counts[model!] = counts[model!]! + 1;
  }
  expect(counts['one']! / 4000).toBeGreaterThan(0.27);
  expect(counts['one']! / 4000).toBeLessThan(0.33);
});

test('a user stays with its variant, whatever the session', () => {
  const asked = (session: string) =>
    guide(aPrompt({ model: 'q2', caller: { user: 'anna', session } }))!.decision.variant;
  expect(new Set(['a', 'b', 'c', 'd'].map(asked)).size).toBe(1);
});

test('a caller without user and session gets a variant for each call', () => {
  const asked = (id: string) => guide(aPrompt({ id, model: 'one' }))!.names[0];
  expect(new Set(Array.from({ length: 50 }, (_, n) => asked(`call_${n}`))).size).toBe(2);
});

test('without a match the test takes calls for its variants, for auto and for its name, and no others', () => {
  const takes = (model: string) => guide(aPrompt({ model })) !== undefined;
  expect(['one', 'two', 'auto', 'auto:low', 'q2'].map(takes)).toEqual([true, true, true, true, true]);
  expect(takes('three')).toBe(false);
  expect(guide(aPrompt({ model: 'one', operation: 'embeddings' }))).toBeUndefined();
});

test('a match decides alone who takes part', () => {
  const forTeam = createAbTests([{ ...comparison, match: { team: ['backend'] } }], circumstances)!;
  expect(forTeam(aPrompt({ model: 'three', caller: { team: 'backend' } }))?.decision.variant).toMatch(/^q2\//);
  expect(forTeam(aPrompt({ model: 'one' }))).toBeUndefined();
});

test('a test that is switched off costs nothing', () => {
  expect(createAbTests([{ ...comparison, enabled: false }], circumstances)).toBeUndefined();
});
