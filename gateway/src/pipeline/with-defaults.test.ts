import { expect, test } from 'vitest';
import { aPrompt } from '../../test/a-prompt.ts';
import type { Plan, RequestDefaults } from '../core/plan.ts';
import { withDefaults } from './with-defaults.ts';

const plan = (defaults: RequestDefaults): Plan => ({ groups: [], reason: '', defaults });

test('what the client left open is said for it', () => {
  const prompt = withDefaults(aPrompt(), plan({ maxTokens: 500, temperature: 0.2, systemPrompt: 'Be brief.' }));
  expect(prompt.isRewritten).toBe(true);
  expect(prompt.request()).toMatchObject({
    maxOutputTokens: 500,
    temperature: 0.2,
    messages: [{ role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] }],
  });
});

test('what the client said stands, and its bytes pass', () => {
  const prompt = aPrompt({
    request: {
      maxOutputTokens: 9,
      temperature: 1,
      messages: [{ role: 'system', parts: [{ type: 'text', text: 'Mine.' }] }],
    },
  });
  expect(withDefaults(prompt, plan({ maxTokens: 500, temperature: 0.2, systemPrompt: 'Be brief.' }))).toBe(prompt);
});

test('a cap holds for those who said more and for those who said nothing', () => {
  const capped = (maxOutputTokens?: number) =>
    withDefaults(
      aPrompt({ request: maxOutputTokens === undefined ? {} : { maxOutputTokens } }),
      plan({ maxTokensCap: 100 }),
    ).request().maxOutputTokens;
  expect([capped(), capped(1000), capped(50)]).toEqual([100, 100, 50]);
});

test('embeddings are left alone', () => {
  const prompt = aPrompt({ operation: 'embeddings' });
  expect(withDefaults(prompt, plan({ maxTokens: 500 }))).toBe(prompt);
});
