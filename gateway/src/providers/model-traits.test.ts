import { expect, test } from 'vitest';
import { findProvider } from './index.ts';
import { dialectsOf, traitsOf } from './model-traits.ts';

const traits = (provider: string, model: string) => traitsOf(findProvider(provider)!, model);
const dialects = (provider: string, model: string) => dialectsOf(findProvider(provider)!, model);

test.each([
  ['gpt-5-mini', 'effort', false],
  ['gpt-5.5', 'effort', false],
  ['o4-mini', 'effort', false],
  ['gpt-5-chat-latest', 'none', undefined],
  ['gpt-4.1', 'none', undefined],
  ['gpt-oss-120b', undefined, undefined],
] as const)('%s reasons by %s and takes sampling: %s', (model, reasoning, takesSampling) => {
  expect(traits('openai', model)).toEqual({
    model,
    maxTokensField: 'max_completion_tokens',
    ...(reasoning && { reasoning }),
    ...(takesSampling !== undefined && { takesSampling }),
  });
});

test.each([
  ['claude-opus-5-5', 'adaptive', false],
  ['claude-fable-5', 'adaptive', false],
  ['claude-sonnet-5', 'adaptive', false],
  ['claude-opus-4-7', 'adaptive', false],
  ['claude-opus-4-6', 'adaptive', undefined],
  ['claude-opus-4-5-20251101', 'budget', undefined],
  ['claude-opus-4-20250514', 'budget', undefined],
  ['claude-haiku-4-5', 'budget', undefined],
  ['claude-3-5-sonnet-20241022', 'none', undefined],
] as const)('%s thinks by %s and takes sampling: %s', (model, reasoning, takesSampling) => {
  for (const [provider, name] of [
    ['anthropic', model],
    ['bedrock', `us.anthropic.${model}-v1:0`],
  ] as const) {
    expect(traits(provider, name).reasoning).toBe(reasoning);
    expect(traits(provider, name).takesSampling).toBe(takesSampling);
  }
});

test.each([
  ['gemini-3.5-flash', 'effort'],
  ['gemini-2.5-pro', 'budget'],
  ['gemini-2.5-flash-image', 'none'],
  ['gemini-2.0-flash', 'none'],
] as const)('%s thinks by %s', (model, reasoning) => {
  expect(traits('gemini', model).reasoning).toBe(reasoning);
});

test('models that one surface refuses are kept off it', () => {
  expect(dialects('openai', 'gpt-5')).toEqual(['openai-chat', 'openai-responses']);
  expect(dialects('openai', 'gpt-5-pro')).toEqual(['openai-responses']);
  expect(dialects('openai', 'gpt-5.1-codex-max')).toEqual(['openai-responses']);
  expect(dialects('openai', 'gpt-4o-audio-preview')).toEqual(['openai-chat']);
  expect(dialects('qwen', 'qwen-plus')).toEqual(['openai-chat', 'anthropic-messages', 'dashscope']);
  expect(dialects('qwen', 'qwen3.5-plus')).toEqual([
    ...['openai-chat', 'openai-responses', 'anthropic-messages', 'dashscope'],
  ]);
  expect(dialects('stepfun', 'step-3.5-flash')).toEqual(['openai-chat', 'anthropic-messages']);
  expect(dialects('voyage', 'voyage-3')).toEqual([]);
});
