import { describe, expect, test } from 'vitest';
import { anthropicMessages as dialect } from './index.ts';

const told = (type: string, message: string, more = {}) =>
  JSON.stringify({ type: 'error', error: { type, message, ...more }, request_id: 'req_1' });

describe('an error answer is read for what it is', () => {
  test.each([
    [400, told('invalid_request_error', 'prompt is too long: 3 tokens > 2 maximum'), 'context-overflow'],
    [
      400,
      told('invalid_request_error', 'input length and `max_tokens` exceed context limit: 1 + 2 > 3'),
      'context-overflow',
    ],
    [400, told('invalid_request_error', 'Your credit balance is too low to access the API.'), 'billing'],
    [400, told('invalid_request_error', 'You have reached your specified API usage limits.'), 'quota'],
    [400, told('invalid_request_error', 'Output blocked by content filtering policy'), 'content-policy'],
    [400, told('invalid_request_error', 'messages.0.content: Field required'), 'invalid-request'],
    [401, told('authentication_error', 'invalid x-api-key'), 'authentication'],
    [402, told('billing_error', 'no'), 'billing'],
    [403, told('permission_error', 'no'), 'permission'],
    [404, told('not_found_error', 'model: x'), 'not-found'],
    [413, told('request_too_large', 'too large'), 'too-large'],
    [429, told('rate_limit_error', 'slow down'), 'rate-limit'],
    [500, told('api_error', 'Internal server error'), 'server'],
    [504, told('timeout_error', 'late'), 'timeout'],
    [529, told('overloaded_error', 'Overloaded'), 'overloaded'],
    [503, '<html><head><title>Service Unavailable</title></head></html>', 'unavailable'],
    [502, '', 'unavailable'],
    [400, '{"error":{"message":"maximum context length is 8192 tokens","code":"x"}}', 'context-overflow'],
    [400, '{"error":"bad things"}', 'invalid-request'],
    [422, '{"detail":"wrong"}', 'invalid-request'],
    [429, 'slow down', 'rate-limit'],
  ] as const)('%i %s', (status, body, kind) => {
    const error = dialect.readError(status, body, {});
    expect([error.kind, error.status]).toEqual([kind, status]);
    expect(error.message).not.toBe('');
    if (body !== '') expect(error.original).toBe(body);
  });

  test('with its code, its field, its request id and the time to wait', () => {
    const body = told('invalid_request_error', 'max_tokens: too large', { details: { error_code: 'x_y' } });
    expect(dialect.readError(400, body, { 'retry-after': '7' })).toMatchObject({
      code: 'x_y',
      type: 'invalid_request_error',
      param: 'max_tokens',
      requestId: 'req_1',
      retryAfterSeconds: 7,
    });
    const dates = { 'retry-after': 'Fri, 20 Nov 2026 10:00:30 GMT', date: 'Fri, 20 Nov 2026 10:00:00 GMT' };
    expect(dialect.readError(429, '', { ...dates, 'request-id': 'r' })).toMatchObject({
      retryAfterSeconds: 30,
      requestId: 'r',
    });
  });

  test('and only so much of a long body is kept', () => {
    expect(dialect.readError(500, 'x'.repeat(9000), {}).original).toHaveLength(2000);
  });
});

describe('an error is written as clients of this dialect know it', () => {
  test.each([
    ['context-overflow', 400, 400, 'invalid_request_error'],
    ['content-policy', 400, 400, 'invalid_request_error'],
    ['authentication', 401, 401, 'authentication_error'],
    ['billing', 400, 402, 'billing_error'],
    ['quota', 429, 402, 'billing_error'],
    ['permission', 403, 403, 'permission_error'],
    ['not-found', 404, 404, 'not_found_error'],
    ['too-large', 400, 413, 'request_too_large'],
    ['rate-limit', 429, 429, 'rate_limit_error'],
    ['server', 502, 502, 'api_error'],
    ['unavailable', 503, 503, 'api_error'],
    ['timeout', 408, 504, 'timeout_error'],
    ['overloaded', 503, 529, 'overloaded_error'],
  ] as const)('%s (%i) is %i %s', (kind, status, expected, type) => {
    const written = dialect.writeError({ kind, status, message: 'Why.' }, 'req_9');
    expect(written.status).toBe(expected);
    expect(written.body).toMatchObject({ type: 'error', error: { type }, request_id: 'req_9' });
  });

  test('agents find the wording on which they compact, once', () => {
    const write = (message: string) =>
      JSON.stringify(dialect.writeError({ kind: 'context-overflow', status: 400, message }, 'r').body);
    expect(write('maximum context length is 8192 tokens')).toContain('prompt is too long: maximum context length');
    expect(write('prompt is too long: 3 > 2').split('prompt is too long')).toHaveLength(2);
  });

  test('a filter’s refusal is told from other bad requests by its words', () => {
    const { status, body } = dialect.writeError({ kind: 'content-policy', status: 400, message: 'No.' }, 'r');
    expect(body['error']).toMatchObject({ message: 'Blocked by content filtering policy: No.' });
    expect(dialect.readError(status, JSON.stringify(body), {}).kind).toBe('content-policy');
  });

  test('with the code and the original inside, in a document as in a stream', () => {
    const error = { kind: 'server', status: 500, message: 'm', code: 'c', original: 'o' } as const;
    const { body } = dialect.writeError(error, 'r');
    expect(body['error']).toEqual({ type: 'api_error', message: 'm', details: { error_code: 'c' }, upstream: 'o' });
    expect(dialect.writeStreamError(error, 'r')).toBe(`event: error\ndata: ${JSON.stringify(body)}\n\n`);
  });
});
