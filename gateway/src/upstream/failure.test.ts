import type { ModelErrorKind } from '@xidao/dialects';
import { describe, expect, test } from 'vitest';
import { type ErrorCode, GatewayError } from '../core/errors.ts';
import { evidenceOf, isFailure, isWorthAnother, ProviderRefused, retryDelayMs } from './failure.ts';

function refused(kind: ModelErrorKind, retryAfterSeconds?: number): ProviderRefused {
  const error = { kind, status: 500, message: 'no', ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
  return new ProviderRefused(error, { headers: {}, contentType: 'application/json', bytes: Buffer.alloc(0) });
}

const own = (code: ErrorCode) => new GatewayError(code, 'no');
const LIMITS = { longestWaitMs: 2_000, random: () => 0.5 };

test('what the caller did wrong is tried nowhere else and held against nobody', () => {
  for (const kind of ['invalid-request', 'content-policy', 'context-overflow', 'too-large'] as const) {
    expect(isWorthAnother(refused(kind)), kind).toBe(false);
    expect(evidenceOf(refused(kind)), kind).toBe('void');
    expect(retryDelayMs(refused(kind), LIMITS), kind).toBeUndefined();
  }
});

test('what only a person can mend is fatal, and a limit is a wish for fewer calls; another target may do better at both', () => {
  for (const kind of ['authentication', 'permission', 'billing', 'not-found', 'quota'] as const) {
    expect(evidenceOf(refused(kind)), kind).toBe('fatal');
    expect(isWorthAnother(refused(kind)), kind).toBe(true);
    expect(retryDelayMs(refused(kind), LIMITS), kind).toBeUndefined();
  }
  expect(evidenceOf(refused('rate-limit'))).toBe('limited');
  expect(isWorthAnother(refused('rate-limit'))).toBe(true);
  expect(evidenceOf(own('upstream_sign_in_failed'))).toBe('fatal');
});

describe('a second try', () => {
  test('comes in a moment for a stray fault', () => {
    for (const kind of ['overloaded', 'server', 'unavailable'] as const)
      expect(retryDelayMs(refused(kind), LIMITS), kind).toBe(200);
    for (const code of ['upstream_unreachable', 'upstream_broke_off', 'upstream_error'] as const)
      expect(retryDelayMs(own(code), LIMITS), code).toBe(200);
  });

  test('comes when the provider said, if that is soon', () => {
    expect(retryDelayMs(refused('rate-limit', 2), LIMITS)).toBe(2_000);
    expect(retryDelayMs(refused('rate-limit', 3), LIMITS)).toBeUndefined();
    expect(retryDelayMs(refused('rate-limit'), LIMITS)).toBeUndefined();
  });

  test('does not come after a wait that was in vain', () => {
    for (const code of ['upstream_first_byte_timeout', 'upstream_total_timeout', 'upstream_connect_timeout'] as const)
      expect(retryDelayMs(own(code), LIMITS), code).toBeUndefined();
  });
});

test('a fault of the gateway itself is no failure of a target', () => {
  expect(isFailure(own('upstream_broke_off'))).toBe(true);
  expect(isFailure(refused('server'))).toBe(true);
  for (const code of ['internal_error', 'shutting_down', 'deadline_exceeded', 'overloaded'] as const)
    expect(isFailure(own(code)), code).toBe(false);
  expect(isFailure(new TypeError('undefined is not a function'))).toBe(false);
});
