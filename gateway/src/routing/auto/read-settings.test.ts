import { expect, test } from 'vitest';
import { autoSchema } from '../../config/schema/auto.ts';
import { routingSchema } from '../../config/schema/routing.ts';
import { readAutoSettings } from './read-settings.ts';
import { AUTO_DEFAULTS } from './settings.ts';

test('an empty section is what the router does without a word', () => {
  expect(readAutoSettings(routingSchema.parse({}), autoSchema.parse({}))).toEqual({
    ...AUTO_DEFAULTS,
    default_task: undefined,
  });
});

test('ceilings are read in the units of the router', () => {
  const auto = autoSchema.parse({
    ceilings: { first_token: '2s', cost_per_request: 0.01 },
    default_model: 'gpt-5-mini',
    max_tier_share: 0.1,
  });
  expect(readAutoSettings(routingSchema.parse({}), auto)).toMatchObject({
    ceilings: { firstTokenMs: 2_000, costPico: 1e10 },
    defaultModel: 'gpt-5-mini',
    maxTierShare: 0.1,
  });
});

test('the classifier is a section, or for short its model', () => {
  const whole = autoSchema.parse({ classifier: { model: 'gpt-5-nano' } });
  expect(autoSchema.parse({ classifier: 'gpt-5-nano' })).toEqual(whole);
  expect(whole.classifier).toEqual({ model: 'gpt-5-nano', timeout: 400, cache_entries: 5000, below_confidence: 0.6 });
});
