import { describe, expect, test } from 'vitest';
import type { ModelError, ModelErrorKind } from '../errors.ts';
import { openaiResponses as dialect } from './index.ts';

const long = 'Your input exceeds the context window of this model. Please adjust your input and try again.';

describe('an error body is understood', () => {
  test.each([
    [
      'OpenAI, key',
      401,
      { error: { message: 'Incorrect API key', type: 'invalid_request_error', param: null, code: 'invalid_api_key' } },
      'authentication',
    ],
    [
      'OpenAI, context',
      400,
      { error: { message: long, type: 'invalid_request_error', param: 'input', code: 'context_length_exceeded' } },
      'context-overflow',
    ],
    [
      'a host that tells the context by message',
      400,
      { error: { message: "This model's maximum context length is 8192 tokens" } },
      'context-overflow',
    ],
    [
      'OpenAI, quota',
      429,
      { error: { message: 'You exceeded your current quota', type: 'insufficient_quota', code: 'insufficient_quota' } },
      'quota',
    ],
    [
      'OpenAI, rate',
      429,
      { error: { message: 'Rate limit reached', type: 'tokens', code: 'rate_limit_exceeded' } },
      'rate-limit',
    ],
    [
      'OpenAI, field',
      400,
      { error: { message: 'Unsupported parameter', type: 'invalid_request_error', param: 'temperature', code: null } },
      'invalid-request',
    ],
    ['OpenAI, model', 404, { error: { message: 'No such model', code: 'model_not_found' } }, 'not-found'],
    [
      'OpenAI, busy',
      503,
      { error: { message: 'Busy', type: 'service_unavailable_error', code: 'server_is_overloaded' } },
      'overloaded',
    ],
    [
      'Azure, key',
      401,
      { error: { code: '401', message: 'Access denied due to invalid subscription key' } },
      'authentication',
    ],
    [
      'Azure, gateway',
      429,
      { statusCode: 429, message: 'Rate limit is exceeded. Try again in 7 seconds.' },
      'rate-limit',
    ],
    [
      'Azure, filter',
      400,
      { error: { message: 'filtered', code: 'content_filter', innererror: { code: 'ResponsibleAIPolicyViolation' } } },
      'content-policy',
    ],
    ['Azure, deployment', 404, { error: { code: 'DeploymentNotFound', message: 'no deployment' } }, 'not-found'],
    ['xAI', 400, { code: 'invalid-argument', error: 'Incorrect API key provided.' }, 'authentication'],
    ['a bare string', 500, { error: 'it broke' }, 'server'],
    ['a bare message', 403, { message: 'forbidden' }, 'permission'],
    ['a detail', 422, { detail: [{ msg: 'field required' }] }, 'invalid-request'],
    ['too large', 413, { error: { message: 'Too large' } }, 'too-large'],
    ['billing', 402, { error: { message: 'Pay' } }, 'billing'],
    ['slow', 504, { error: { message: 'slow' } }, 'timeout'],
    ['overloaded', 529, {}, 'overloaded'],
  ])('%s', (_name, status, body, kind) => {
    const error = dialect.readError(status, JSON.stringify(body), {});
    expect(error).toMatchObject({ kind, status });
    expect(error.message).not.toBe('');
    expect(error.original).toBe(JSON.stringify(body));
  });

  test('a page of HTML is told by its title, and an empty body by its status', () => {
    expect(dialect.readError(502, '<html><head><title>502 Bad Gateway</title></head></html>', {})).toMatchObject({
      kind: 'unavailable',
      message: '502 Bad Gateway',
    });
    expect(dialect.readError(500, '', {})).toEqual({
      kind: 'server',
      status: 500,
      message: expect.stringContaining('500'),
    });
    expect(dialect.readError(500, 'upstream connect error', {}).message).toBe('upstream connect error');
  });

  test('how long to wait is found in the headers or in the message', () => {
    const body = JSON.stringify({ error: { message: 'Please try again in 250ms.', code: 'rate_limit_exceeded' } });
    expect(dialect.readError(429, body, {}).retryAfterSeconds).toBe(0.25);
    expect(dialect.readError(429, body, { 'retry-after': '3' }).retryAfterSeconds).toBe(3);
    expect(dialect.readError(429, body, { 'retry-after-ms': '1500', 'retry-after': '3' }).retryAfterSeconds).toBe(1.5);
  });

  test('the original is trimmed and the request id kept', () => {
    const error = dialect.readError(500, 'x'.repeat(5000), { 'x-request-id': ['req_1'] });
    expect(error.original).toHaveLength(2000);
    expect(error.requestId).toBe('req_1');
  });
});

describe('an error is told as OpenAI tells it', () => {
  test.each<[ModelErrorKind, number, string, string | null]>([
    ['invalid-request', 400, 'invalid_request_error', null],
    ['context-overflow', 400, 'invalid_request_error', 'context_length_exceeded'],
    ['content-policy', 400, 'invalid_request_error', 'content_filter'],
    ['authentication', 401, 'authentication_error', 'invalid_api_key'],
    ['permission', 403, 'permission_error', 'permission_denied'],
    ['billing', 429, 'insufficient_quota', 'insufficient_quota'],
    ['not-found', 404, 'invalid_request_error', 'model_not_found'],
    ['too-large', 413, 'invalid_request_error', 'request_too_large'],
    ['rate-limit', 429, 'rate_limit_error', 'rate_limit_exceeded'],
    ['quota', 429, 'insufficient_quota', 'insufficient_quota'],
    ['overloaded', 503, 'server_error', 'server_is_overloaded'],
    ['timeout', 504, 'server_error', 'timeout'],
    ['server', 500, 'server_error', 'server_error'],
    ['unavailable', 503, 'server_error', 'upstream_error'],
  ])('%s', (kind, status, type, code) => {
    const error: ModelError = { kind, status: 529, message: 'm', original: '{"type":"error"}' };
    const { status: told, body } = dialect.writeError(error, 'call_1');
    expect(told).toBe(kind === 'server' ? 503 : status);
    expect(body['error']).toEqual({
      message: 'm',
      type,
      param: null,
      code,
      request_id: 'call_1',
      upstream: '{"type":"error"}',
    });
  });

  test('a provider’s own word for a wrong request is kept', () => {
    const error: ModelError = {
      kind: 'invalid-request',
      status: 400,
      message: 'm',
      code: 'unsupported_parameter',
      param: 'seed',
    };
    expect(dialect.writeError(error, 'c').body['error']).toMatchObject({
      code: 'unsupported_parameter',
      param: 'seed',
    });
  });

  test('what it tells is read again as the same kind', () => {
    const kinds: ModelErrorKind[] = [
      'context-overflow',
      'authentication',
      'rate-limit',
      'quota',
      'overloaded',
      'not-found',
      'too-large',
      'timeout',
    ];
    for (const kind of kinds) {
      const { status, body } = dialect.writeError({ kind, status: 500, message: 'm' }, 'c');
      expect(dialect.readError(status, JSON.stringify(body), {}).kind).toBe(kind);
    }
  });

  test('in a stream it is an error event and then response.failed with a code', () => {
    const frames = dialect
      .writeStreamError({ kind: 'context-overflow', status: 400, message: long }, 'call_1')
      .trimEnd()
      .split('\n\n');
    expect(frames.map((frame) => frame.split('\n')[0])).toEqual(['event: error', 'event: response.failed']);
    const failed = JSON.parse(frames[1]?.split('data: ')[1] ?? '') as { response: unknown };
    expect(failed.response).toMatchObject({
      id: 'resp_call_1',
      status: 'failed',
      error: { code: 'context_length_exceeded', message: long },
    });
  });
});

describe('usage', () => {
  test('explicit zeros stay, unknown counts stay unknown, and no counts are no usage', () => {
    const usage = { input_tokens: 5, input_tokens_details: { cached_tokens: 0 }, output_tokens: 0 };
    expect(dialect.readUsage(usage)).toEqual({ inputTokens: 5, outputTokens: 0, cachedInputTokens: 0 });
    expect(dialect.readUsage({})).toBeUndefined();
  });

  test('every count that is written is an integer and read again as it was', () => {
    const usage = {
      inputTokens: 10,
      outputTokens: 6,
      cachedInputTokens: 4,
      cacheWriteTokens: 2,
      reasoningTokens: 3,
      audioInputTokens: 1,
      imageOutputTokens: 1,
    };
    const written = dialect.writeUsage(usage);
    expect(written['total_tokens']).toBe(16);
    expect(dialect.readUsage(written)).toEqual(usage);
    expect(dialect.writeUsage({ inputTokens: 1.6, outputTokens: Number.NaN })).toMatchObject({
      input_tokens: 2,
      output_tokens: 0,
      total_tokens: 2,
    });
  });
});
