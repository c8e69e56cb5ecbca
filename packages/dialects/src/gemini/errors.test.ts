import { describe, expect, test } from 'vitest';
import type { ModelError, ModelErrorKind } from '../errors.ts';
import { gemini } from './index.ts';

const body = (code: number, status: string, message: string, details?: object[]) =>
  JSON.stringify({ error: { code, message, status, details } });
const info = (type: string, fields: object) => ({ '@type': `type.googleapis.com/google.rpc.${type}`, ...fields });

describe('reading an error', () => {
  test.each<[string, number, string, ModelErrorKind]>([
    [
      'a wrong key',
      400,
      body(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', [
        info('ErrorInfo', { reason: 'API_KEY_INVALID' }),
      ]),
      'authentication',
    ],
    [
      'a key that is missing',
      403,
      body(403, 'PERMISSION_DENIED', "Method doesn't allow unregistered callers."),
      'authentication',
    ],
    [
      'a prompt too long',
      400,
      body(
        400,
        'INVALID_ARGUMENT',
        'The input token count (1250074) exceeds the maximum number of tokens allowed (1048576).',
      ),
      'context-overflow',
    ],
    [
      'a payload too large',
      400,
      body(400, 'INVALID_ARGUMENT', 'Request payload size exceeds the limit: 20971520 bytes.'),
      'too-large',
    ],
    [
      'requests of a minute',
      429,
      body(429, 'RESOURCE_EXHAUSTED', 'Quota', [
        info('QuotaFailure', { violations: [{ quotaId: 'GenerateRequestsPerMinutePerProject' }] }),
      ]),
      'rate-limit',
    ],
    [
      'requests of a day',
      429,
      body(429, 'RESOURCE_EXHAUSTED', 'Quota', [
        info('QuotaFailure', { violations: [{ quotaId: 'GenerateRequestsPerDayPerProject-FreeTier' }] }),
      ]),
      'quota',
    ],
    [
      'a shared capacity of Vertex AI',
      429,
      body(429, 'RESOURCE_EXHAUSTED', 'Resource exhausted. Please try again later.'),
      'rate-limit',
    ],
    [
      'a model that is busy',
      503,
      body(503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.'),
      'overloaded',
    ],
    ['a deadline', 504, body(504, 'DEADLINE_EXCEEDED', 'Deadline expired before operation could complete.'), 'timeout'],
    ['an unknown model', 404, body(404, 'NOT_FOUND', 'models/x is not found'), 'not-found'],
    [
      'an unknown field',
      400,
      body(400, 'INVALID_ARGUMENT', 'Invalid JSON payload received. Unknown name "foo": Cannot find field.'),
      'invalid-request',
    ],
    ['a failure within', 500, body(500, 'INTERNAL', 'An internal error has occurred.'), 'server'],
    [
      'a country without service',
      400,
      body(400, 'FAILED_PRECONDITION', 'User location is not supported for the API use.'),
      'permission',
    ],
    [
      'billing switched off',
      403,
      body(403, 'PERMISSION_DENIED', 'This API method requires billing to be enabled.', [
        info('ErrorInfo', { reason: 'BILLING_DISABLED' }),
      ]),
      'billing',
    ],
    ['a token exchange', 401, '{"error":"invalid_grant","error_description":"Bad token"}', 'authentication'],
    ['a list, as streams without SSE have it', 429, `[${body(429, 'RESOURCE_EXHAUSTED', 'Slow')}]`, 'rate-limit'],
    ['a page of a proxy', 502, '<html><title>502 Bad Gateway</title></html>', 'unavailable'],
    ['nothing at all', 500, '', 'server'],
    ['cut JSON', 503, '{"error": {"code": 50', 'overloaded'],
  ])('knows %s', (_, status, text, kind) => {
    const error = gemini.readError(status, text, {});
    expect(error).toMatchObject({ kind, status });
    expect(error.message).not.toBe('');
  });

  test('finds how long to wait in RetryInfo, in the words, or in the header', () => {
    const delayed = body(429, 'RESOURCE_EXHAUSTED', 'Please retry in 9s.', [
      info('RetryInfo', { retryDelay: '34.5s' }),
    ]);
    expect(gemini.readError(429, delayed, {}).retryAfterSeconds).toBe(34.5);
    const worded = body(429, 'RESOURCE_EXHAUSTED', 'Please retry in 48.94s.');
    expect(gemini.readError(429, worded, { 'retry-after': '7' }).retryAfterSeconds).toBe(48.94);
    expect(
      gemini.readError(429, body(429, 'RESOURCE_EXHAUSTED', 'x'), { 'retry-after': ['7'] }).retryAfterSeconds,
    ).toBe(7);
    expect(gemini.readError(429, body(429, 'RESOURCE_EXHAUSTED', 'x'), {})).not.toHaveProperty('retryAfterSeconds');
  });

  test('keeps at most 2,000 characters of the original', () => {
    expect(gemini.readError(500, 'x'.repeat(9_000), {}).original).toHaveLength(2_000);
  });
});

describe('writing an error', () => {
  const kinds: [ModelErrorKind, number, string][] = [
    ['invalid-request', 400, 'INVALID_ARGUMENT'],
    ['authentication', 401, 'UNAUTHENTICATED'],
    ['permission', 403, 'PERMISSION_DENIED'],
    ['not-found', 404, 'NOT_FOUND'],
    ['too-large', 413, 'INVALID_ARGUMENT'],
    ['rate-limit', 429, 'RESOURCE_EXHAUSTED'],
    ['overloaded', 503, 'UNAVAILABLE'],
    ['timeout', 504, 'DEADLINE_EXCEEDED'],
  ];

  test.each(kinds)('says %s as %i %s', (kind, status, name) => {
    const error: ModelError = {
      kind,
      status: 418,
      message: 'Why',
      original: '{"type":"error"}',
      retryAfterSeconds: 3,
      param: 'p',
    };
    const written = gemini.writeError(error, 'call_1');
    expect(written).toMatchObject({
      status,
      body: { error: { code: status, message: 'Why', status: name, upstream: '{"type":"error"}' } },
    });
    const again = gemini.readError(status, JSON.stringify(written.body), {});
    expect(again).toMatchObject({ message: 'Why', requestId: 'call_1', retryAfterSeconds: 3, param: 'p' });
  });

  test('says a prompt too long in the words that Gemini clients know', () => {
    const error: ModelError = { kind: 'context-overflow', status: 400, message: 'prompt is too long: 9 > 8' };
    const { body: told } = gemini.writeError(error, 'call_1');
    expect(gemini.readError(400, JSON.stringify(told), {}).kind).toBe('context-overflow');
    expect(JSON.stringify(told)).toContain('prompt is too long');
  });
});
