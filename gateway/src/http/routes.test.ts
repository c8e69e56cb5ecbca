import { expect, test } from 'vitest';
import { findRoute } from './routes.ts';

test.each([
  '/v1/chat/completions',
  '/chat/completions',
  '/v1/v1/chat/completions',
  '/openai/v1/chat/completions',
  '/api/v1/chat/completions',
  '/v1/chat/completions/',
  '//v1//chat/completions',
  '/v1beta/openai/chat/completions',
])('understands the base URL behind %s', (path) => {
  expect(findRoute(path)).toMatchObject({ kind: 'call', dialect: 'openai-chat', operation: 'chat' });
});

test.each(['/v1/messages', '/messages', '/v1/v1/messages', '/anthropic/v1/messages'])(
  'understands the base URL behind %s',
  (path) => {
    expect(findRoute(path)).toMatchObject({ kind: 'call', dialect: 'anthropic-messages', operation: 'chat' });
  },
);

test('marks a path as tolerated only where the base URL is unusual', () => {
  expect(findRoute('/v1/messages')).toMatchObject({ tolerated: false });
  expect(findRoute('/v1/v1/messages')).toMatchObject({ tolerated: true });
});

test('reads model and action out of a Gemini path', () => {
  expect(findRoute('/v1beta/models/gemini-2.5-pro:streamGenerateContent')).toEqual({
    kind: 'call',
    dialect: 'gemini',
    operation: 'chat',
    model: 'gemini-2.5-pro',
    stream: true,
    tolerated: false,
  });
  expect(findRoute('/v1beta/models/mock/echo:generateContent')).toMatchObject({ model: 'mock/echo', stream: false });
});

test('takes a model id with slashes and colons', () => {
  expect(findRoute('/v1/models/openrouter/meta/llama-4:free')).toEqual({
    kind: 'models',
    id: 'openrouter/meta/llama-4:free',
    shape: 'superset',
    tolerated: false,
  });
  expect(findRoute('/v1beta/models')).toEqual({ kind: 'models', shape: 'gemini', tolerated: false });
});

test("reads the model out of an Azure client's path", () => {
  expect(findRoute('/openai/deployments/gpt-5/chat/completions')).toMatchObject({
    dialect: 'openai-chat',
    operation: 'chat',
    model: 'gpt-5',
  });
});

test('names the nearest path for one that is not there', () => {
  expect(findRoute('/v2/completions')).toEqual({ kind: 'unknown', nearest: '/v1/completions' });
  expect(findRoute('/nothing')).toEqual({ kind: 'unknown', nearest: '/v1/chat/completions' });
});
