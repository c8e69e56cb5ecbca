import type { DialectName } from '@xidao/dialects';
import { expect, test } from 'vitest';
import type { Call } from '../core/call.ts';
import { outlineBody } from '../core/outline-body.ts';
import { askedOutput } from './asked-output.ts';

function asked(bodyDialect: DialectName, json: unknown, watched: string[] = []): number | undefined {
  const bytes = Buffer.from(JSON.stringify(json));
  return askedOutput({ bytes, bodyDialect, body: outlineBody(bytes, watched) } as Pick<
    Call,
    'bytes' | 'body' | 'bodyDialect'
  >);
}

test('each dialect says in its own place how long the answer may be', () => {
  expect(asked('openai-chat', { max_tokens: 10 })).toBe(10);
  expect(asked('openai-chat', { max_tokens: 10, max_completion_tokens: 20 }, ['max_tokens'])).toBe(20);
  expect(asked('openai-responses', { max_output_tokens: 30 }, ['max_output_tokens'])).toBe(30);
  expect(asked('anthropic-messages', { max_tokens: 40 })).toBe(40);
  expect(asked('gemini', { generationConfig: { maxOutputTokens: 50 } })).toBe(50);
  expect(asked('bedrock', { inferenceConfig: { maxTokens: 60 } })).toBe(60);
});

test('what is left open, absurd, or only talked about is not taken for a number', () => {
  expect(asked('openai-chat', { messages: [] })).toBeUndefined();
  expect(asked('openai-chat', { max_tokens: null }, ['max_tokens'])).toBeUndefined();
  expect(asked('openai-chat', { max_tokens: -5 })).toBeUndefined();
  expect(asked('openai-chat', { max_tokens: 1.5 })).toBeUndefined();
  expect(asked('openai-chat', { messages: [{ content: 'say "max_tokens":7' }] })).toBeUndefined();
  expect(asked('openai-chat', { tools: [{ max_tokens: { type: 'integer' } }] })).toBeUndefined();
});
