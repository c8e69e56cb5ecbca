import { expect, test } from 'vitest';
import { locate } from './endpoint.ts';

const chat = { operation: 'chat' as const, model: 'm', wantsStream: false };

test.each([
  ['openai-chat', 'https://api.openai.com/v1', 'https://api.openai.com/v1/chat/completions'],
  ['openai-chat', 'https://api.openai.com/v1/', 'https://api.openai.com/v1/chat/completions'],
  ['openai-chat', 'http://10.0.0.5:8000', 'http://10.0.0.5:8000/v1/chat/completions'],
  ['openai-chat', 'https://host/api/paas/v4', 'https://host/api/paas/v4/chat/completions'],
  ['openai-responses', 'https://api.openai.com/v1', 'https://api.openai.com/v1/responses'],
  ['anthropic-messages', 'https://api.anthropic.com', 'https://api.anthropic.com/v1/messages'],
  ['anthropic-messages', 'https://api.anthropic.com/v1', 'https://api.anthropic.com/v1/messages'],
  ['anthropic-messages', 'https://api.deepseek.com/anthropic', 'https://api.deepseek.com/anthropic/v1/messages'],
  [
    'gemini',
    'https://generativelanguage.googleapis.com',
    'https://generativelanguage.googleapis.com/v1beta/models/m:generateContent',
  ],
  [
    'gemini',
    'https://generativelanguage.googleapis.com/v1beta',
    'https://generativelanguage.googleapis.com/v1beta/models/m:generateContent',
  ],
  [
    'gemini',
    'https://generativelanguage.googleapis.com/v1',
    'https://generativelanguage.googleapis.com/v1/models/m:generateContent',
  ],
] as const)('%s under %s', (dialect, baseUrl, url) => {
  expect(locate(dialect, { baseUrl }, chat)?.href).toBe(url);
});

test.each(['../../v1/files', '..', 'a/./b', 'a//b', '/a'])(
  'keeps the model name %s from climbing out of the path',
  (model) => {
    expect(() => locate('gemini', { baseUrl: 'https://host' }, { ...chat, model })).toThrow('cannot be part of a path');
  },
);

test('keeps a model name from adding a query or fragment', () => {
  const url = locate('gemini', { baseUrl: 'https://host' }, { ...chat, model: 'x?key=1#y\\..%2f' });
  expect(url?.href).toBe('https://host/v1beta/models/x%3Fkey%3D1%23y%5C..%252f:generateContent');
});

test("adds the endpoint's own query and keeps the client's", () => {
  const url = locate(
    'openai-chat',
    { baseUrl: 'https://r.openai.azure.com/openai/v1', query: { 'api-version': 'preview' } },
    { ...chat, query: 'beta=true&api-version=old' },
  );
  expect(url?.search).toBe('?api-version=preview&beta=true');
});

test('says when a dialect has no such operation', () => {
  expect(
    locate('openai-responses', { baseUrl: 'https://host/v1' }, { ...chat, operation: 'embeddings' }),
  ).toBeUndefined();
});
