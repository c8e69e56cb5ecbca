import { describe, expect, test } from 'vitest';
import type { ModelErrorKind } from '../errors.ts';
import { openaiChat } from './index.ts';

const context = (message: string) => JSON.stringify({ error: { message, type: 'invalid_request_error' } });

test.each<[string, number, string, ModelErrorKind, string]>([
  [
    'OpenAI',
    400,
    '{"error":{"message":"Too long.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}',
    'context-overflow',
    'Too long.',
  ],
  [
    'OpenAI quota',
    429,
    '{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}',
    'quota',
    'You exceeded your current quota',
  ],
  [
    'a pace in the words of a quota',
    429,
    '{"error":{"message":"You exceeded your current quota","type":"rate_limit_error","code":"rate_limit_exceeded"}}',
    'rate-limit',
    'You exceeded your current quota',
  ],
  ['Mistral detail', 401, '{"detail":"Invalid API Key"}', 'authentication', 'Invalid API Key'],
  [
    'Mistral object',
    429,
    '{"object":"error","message":"Requests rate limit exceeded","type":"rate_limited","code":"1300"}',
    'rate-limit',
    'Requests rate limit exceeded',
  ],
  [
    'Mistral validation',
    422,
    '{"object":"error","message":{"detail":[{"loc":["body","top_k"],"msg":"Extra inputs are not permitted"}]},"type":"invalid_request_error"}',
    'invalid-request',
    'body.top_k: Extra inputs are not permitted',
  ],
  [
    'FastAPI list',
    422,
    '{"detail":[{"type":"missing","loc":["body","messages"],"msg":"Field required"}]}',
    'invalid-request',
    'body.messages: Field required',
  ],
  [
    'xAI',
    400,
    '{"code":"invalid-argument","error":"Incorrect API key provided."}',
    'authentication',
    'Incorrect API key provided.',
  ],
  ['Azure key', 401, '{"error":{"code":"401","message":"Access denied"}}', 'authentication', 'Access denied'],
  [
    'Azure filter',
    400,
    '{"error":{"message":"The response was filtered","code":"content_filter","innererror":{"code":"ResponsibleAIPolicyViolation"}}}',
    'content-policy',
    'The response was filtered',
  ],
  [
    'Azure deployment',
    404,
    '{"error":{"code":"DeploymentNotFound","message":"No such deployment."}}',
    'not-found',
    'No such deployment.',
  ],
  [
    'Together',
    402,
    '{"error":{"message":"Credit limit exceeded","type":"credit_limit","code":null}}',
    'billing',
    'Credit limit exceeded',
  ],
  [
    'Groq size',
    413,
    '{"error":{"message":"Request too large for model `x` on tokens per minute (TPM)","type":"tokens","code":"rate_limit_exceeded"}}',
    'too-large',
    'Request too large for model `x` on tokens per minute (TPM)',
  ],
  [
    'OpenRouter',
    502,
    '{"error":{"message":"Provider returned error","code":502,"metadata":{"raw":"{\\"error\\":{\\"message\\":\\"boom\\"}}","provider_name":"X"}}}',
    'unavailable',
    'Provider returned error: boom',
  ],
  [
    'OpenRouter credits',
    402,
    '{"error":{"message":"This request requires more credits","code":402}}',
    'billing',
    'This request requires more credits',
  ],
  [
    'Cohere',
    400,
    '{"error_type":"TOO_MANY_TOKENS","id":"1","message":"too many tokens: size limit exceeded"}',
    'context-overflow',
    'too many tokens: size limit exceeded',
  ],
  ['Ollama', 404, '{"error":"model \'x\' not found"}', 'not-found', "model 'x' not found"],
  [
    'DeepSeek balance',
    402,
    '{"error":{"message":"Insufficient Balance","type":"unknown_error"}}',
    'billing',
    'Insufficient Balance',
  ],
  [
    'Moonshot',
    429,
    '{"error":{"message":"Your account is suspended due to insufficient balance","type":"exceeded_current_quota_error"}}',
    'billing',
    'Your account is suspended due to insufficient balance',
  ],
  [
    'Qwen inspection',
    400,
    '{"error":{"code":"data_inspection_failed","message":"Input data may contain inappropriate content."},"request_id":"r"}',
    'content-policy',
    'Input data may contain inappropriate content.',
  ],
  [
    'Perplexity',
    400,
    '{"error":{"message":"The total length of all messages is too long.","type":"too_many_prompt_tokens","code":400}}',
    'context-overflow',
    'The total length of all messages is too long.',
  ],
  [
    'a page',
    502,
    '<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>',
    'unavailable',
    '502 Bad Gateway',
  ],
  ['plain text', 503, 'upstream connect error', 'overloaded', 'upstream connect error'],
  ['nothing', 500, '', 'server', 'The provider answered 500 without a word.'],
  ['an overload', 529, '{"error":{"message":"Overloaded"}}', 'overloaded', 'Overloaded'],
  [
    'an overload as 500',
    500,
    '{"error":{"message":"The engine is currently overloaded"}}',
    'overloaded',
    'The engine is currently overloaded',
  ],
  [
    'a parameter',
    400,
    '{"error":{"message":"Unsupported parameter: max_tokens","type":"invalid_request_error","param":"max_tokens","code":"unsupported_parameter"}}',
    'invalid-request',
    'Unsupported parameter: max_tokens',
  ],
])('reads the error of %s', (_host, status, body, kind, message) => {
  expect(openaiChat.readError(status, body, {})).toMatchObject({ kind, message, status });
});

test.each([
  "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens",
  'prompt too long; exceeded max context length by 1119046 tokens',
  'Please reduce the length of the messages or completion.',
  'Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length',
  'Your input exceeds the context window of this model.',
  'prompt is too long: 210000 tokens > 200000 maximum',
  'Range of input length should be [1, 30720]',
  'the request exceeds the available context size. try increasing the context size',
  'The input token count (1500000) exceeds the maximum number of tokens allowed',
])('knows that the context overflowed from: %s', (message) => {
  expect(openaiChat.readError(400, context(message), {}).kind).toBe('context-overflow');
});

describe('how long to wait', () => {
  const wait = (headers: Record<string, string>, message = 'Rate limited') =>
    openaiChat.readError(429, context(message), headers).retryAfterSeconds;

  test('in seconds, milliseconds or as a date', () => {
    expect(wait({ 'retry-after': '7' })).toBe(7);
    expect(wait({ 'retry-after-ms': '250' })).toBe(0.25);
    expect(wait({ 'retry-after': '1', 'retry-after-ms': '0' })).toBe(1);
    const date = 'Tue, 03 Nov 2026 10:00:00 GMT';
    expect(wait({ date, 'retry-after': 'Tue, 03 Nov 2026 10:00:30 GMT' })).toBe(30);
    expect(wait({ 'retry-after': 'soon' })).toBeUndefined();
  });

  test('in the words of the message', () => {
    expect(wait({}, 'Please try again in 1m2.5s.')).toBe(62.5);
    expect(wait({}, 'Please try again in 300ms.')).toBe(0.3);
    expect(wait({}, 'Please retry after 12 seconds.')).toBe(12);
  });
});

describe('errors as clients of OpenAI know them', () => {
  test.each<[ModelErrorKind, number, string, string | null]>([
    ['invalid-request', 400, 'invalid_request_error', null],
    ['context-overflow', 400, 'invalid_request_error', 'context_length_exceeded'],
    ['content-policy', 400, 'invalid_request_error', 'content_filter'],
    ['authentication', 401, 'authentication_error', 'invalid_api_key'],
    ['permission', 403, 'permission_error', null],
    ['billing', 429, 'insufficient_quota', 'insufficient_quota'],
    ['quota', 429, 'insufficient_quota', 'insufficient_quota'],
    ['not-found', 404, 'invalid_request_error', 'model_not_found'],
    ['too-large', 413, 'invalid_request_error', 'request_too_large'],
    ['rate-limit', 429, 'rate_limit_error', 'rate_limit_exceeded'],
    ['overloaded', 503, 'server_error', 'overloaded'],
    ['timeout', 504, 'timeout', 'timeout'],
    ['unavailable', 503, 'server_error', 'no_healthy_provider'],
    ['server', 502, 'server_error', 'upstream_error'],
  ])('%s is %d %s %s', (kind, status, type, code) => {
    const written = openaiChat.writeError({ kind, status: 418, message: 'M' }, 'call_1');
    const expected = kind === 'invalid-request' ? 418 : status;
    expect(written).toEqual({
      status: expected,
      body: { error: { message: 'M', type, param: null, code, request_id: 'call_1' } },
    });
  });

  test('a rate limit tells the wait in the words that agents parse, once', () => {
    const message = (text: string) =>
      (
        openaiChat.writeError({ kind: 'rate-limit', status: 429, message: text, retryAfterSeconds: 12.3 }, '').body[
          'error'
        ] as { message: string }
      ).message;
    expect(message('Slow down.')).toBe('Slow down. Please try again in 12.3s.');
    expect(message('Slow down, try again in 5s.')).toBe('Slow down, try again in 5s.');
  });

  test('keeps what the provider said, trimmed', () => {
    const error = openaiChat.readError(400, `{"error":{"message":"no"}}`, { 'x-request-id': 'r1' });
    expect(error.requestId).toBe('r1');
    expect(openaiChat.writeError(error, '').body['error']).toMatchObject({ upstream: { error: { message: 'no' } } });
    expect(openaiChat.readError(500, 'x'.repeat(9000), {}).original).toHaveLength(2000);
  });

  test('inside a stream it is one frame, and no [DONE]', () => {
    const frame = openaiChat.writeStreamError({ kind: 'server', status: 500, message: 'M' }, 'call_1');
    expect(frame).toBe(
      'data: {"error":{"message":"M","type":"server_error","param":null,"code":"upstream_error","request_id":"call_1"}}\n\n',
    );
  });
});
