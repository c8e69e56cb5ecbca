import { describe, expect, test } from 'vitest';
import type { ModelErrorKind } from '../errors.ts';
import { bedrock as dialect } from './index.ts';

const told = (message: string) => JSON.stringify({ message });

describe('an error answer is read for what it is', () => {
  test.each([
    [
      400,
      'ValidationException',
      'The model returned the following errors: Input Tokens Exceeded: Number of input tokens exceeds maximum length.',
      'context-overflow',
    ],
    [400, 'ValidationException', 'Input is too long for requested model.', 'context-overflow'],
    [
      400,
      'ValidationException',
      'The model returned the following errors: prompt is too long: 227255 tokens > 200000 maximum',
      'context-overflow',
    ],
    [400, 'ValidationException', 'The provided model identifier is invalid.', 'not-found'],
    [
      400,
      'ValidationException',
      'The toolConfig field must be defined when using toolUse and toolResult content blocks.',
      'invalid-request',
    ],
    [400, 'ValidationException', 'Output blocked by content filtering policy', 'content-policy'],
    [400, 'ServiceQuotaExceededException', 'Your request exceeds the service quota.', 'quota'],
    [403, 'AccessDeniedException', "You don't have access to the model with the specified model ID.", 'permission'],
    [403, 'UnrecognizedClientException', 'The security token included in the request is invalid.', 'authentication'],
    [403, 'ExpiredTokenException', 'The security token included in the request is expired', 'authentication'],
    [403, 'InvalidSignatureException', 'Signature expired', 'authentication'],
    [403, undefined, 'The security token included in the request is invalid.', 'authentication'],
    [403, 'AccessDeniedException', 'Authentication failed: Please make sure your API Key is valid.', 'authentication'],
    [404, 'ResourceNotFoundException', 'This model version has reached the end of its life.', 'not-found'],
    [408, 'ModelTimeoutException', 'late', 'timeout'],
    [424, 'ModelErrorException', 'The model failed.', 'server'],
    [424, 'ModelStreamErrorException', 'The model failed.', 'server'],
    [429, 'ThrottlingException', 'Too many requests, please wait before trying again.', 'rate-limit'],
    [429, 'ThrottlingException', 'Too many tokens, please wait before trying again.', 'rate-limit'],
    [429, 'ThrottlingException', 'Too many tokens per day, please wait before trying again.', 'quota'],
    [429, 'ModelNotReadyException', 'Model is not ready for inference.', 'overloaded'],
    [500, 'InternalServerException', 'no', 'server'],
    [503, 'ServiceUnavailableException', 'no', 'unavailable'],
    [503, 'ServiceUnavailableException', 'Bedrock has no capacity for this model right now.', 'overloaded'],
  ] satisfies [number, string | undefined, string, ModelErrorKind][])('%i %s: %s', (status, type, message, kind) => {
    const headers = {
      'x-amzn-requestid': 'r',
      ...(type === undefined
        ? {}
        : { 'x-amzn-errortype': `${type}:http://internal.amazon.com/coral/com.amazon.bedrock/` }),
    };
    const error = dialect.readError(status, told(message), headers);
    expect(error).toMatchObject({ kind, status, message, requestId: 'r', original: told(message) });
    expect(error.type).toBe(type);
  });

  test.each([
    [404, '{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}', 'not-found'],
    [400, '{"__type":"com.amazon.coral.validate#ValidationException","Message":"no"}', 'invalid-request'],
    [429, '', 'rate-limit'],
    [502, '<html><head><title>502 Bad Gateway</title></head></html>', 'unavailable'],
    [413, 'HTTP content length exceeded 20000000 bytes.', 'too-large'],
    [400, '{"error":{"message":"no","type":"invalid_request_error"}}', 'invalid-request'],
    [400, 'null', 'invalid-request'],
  ] satisfies [number, string, ModelErrorKind][])('%i %s', (status, body, kind) => {
    const error = dialect.readError(status, body, {});
    expect([error.kind, error.status]).toEqual([kind, status]);
    expect(error.message).not.toBe('');
  });

  test('with the status of the model behind it, and the time to wait', () => {
    const body = JSON.stringify({ message: 'no', originalStatusCode: 529, resourceName: 'm' });
    expect(dialect.readError(424, body, { 'retry-after': '7' })).toMatchObject({ code: '529', retryAfterSeconds: 7 });
  });

  test('and only so much of a long body is kept', () => {
    expect(dialect.readError(500, 'x'.repeat(9000), {}).original).toHaveLength(2000);
  });
});

describe('an error is written', () => {
  const kinds: [ModelErrorKind, number, string][] = [
    ['invalid-request', 400, 'ValidationException'],
    ['context-overflow', 400, 'ValidationException'],
    ['content-policy', 400, 'ValidationException'],
    ['too-large', 413, 'ValidationException'],
    ['authentication', 403, 'UnrecognizedClientException'],
    ['permission', 403, 'AccessDeniedException'],
    ['billing', 403, 'AccessDeniedException'],
    ['not-found', 404, 'ResourceNotFoundException'],
    ['timeout', 408, 'ModelTimeoutException'],
    ['quota', 400, 'ServiceQuotaExceededException'],
    ['rate-limit', 429, 'ThrottlingException'],
    ['server', 500, 'InternalServerException'],
    ['overloaded', 503, 'ServiceUnavailableException'],
    ['unavailable', 503, 'ServiceUnavailableException'],
  ];

  test.each(kinds)('of the kind %s as %i %s', (kind, status, type) => {
    const written = dialect.writeError({ kind, status: 418, message: 'no', original: '{"x":1}' }, 'call_1');
    expect(written.status).toBe(status);
    expect(written.body).toMatchObject({ __type: type, requestId: 'call_1', upstream: '{"x":1}' });
    expect(written.body['message']).toContain('no');
  });

  test('so that an overflow is known by its wording, which is not said twice', () => {
    const message = (text: string) =>
      dialect.writeError({ kind: 'context-overflow', status: 400, message: text }, 'x').body['message'];
    expect(message('131072 tokens at most')).toBe('Input is too long for requested model. 131072 tokens at most');
    expect(message('prompt is too long')).toBe('prompt is too long');
    expect(dialect.readError(400, told(String(message('131072 tokens at most'))), {}).kind).toBe('context-overflow');
  });

  test('into a stream as an exception that the stream knows', () => {
    const frame = dialect.writeStreamError({ kind: 'authentication', status: 401, message: 'no' }, 'x');
    const events = dialect.createReader().push(Buffer.from(frame, 'latin1'));
    expect(events).toMatchObject([{ type: 'error', error: { type: 'InternalServerException', message: 'no' } }]);
  });
});
