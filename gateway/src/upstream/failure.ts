import type { ModelError, ModelErrorKind } from '@xidao/dialects';
import { GatewayError } from '../core/errors.ts';

/** The provider answered, and the answer is an error. Its bytes are kept: where nothing else is left to try they are passed on as they are. */
export class ProviderRefused extends Error {
  readonly error: ModelError;
  readonly headers: Record<string, string>;
  readonly contentType: string;
  readonly bytes: Buffer;

  constructor(error: ModelError, answer: { headers: Record<string, string>; contentType: string; bytes: Buffer }) {
    super(error.message);
    this.name = 'ProviderRefused';
    this.error = error;
    this.headers = answer.headers;
    this.contentType = answer.contentType;
    this.bytes = answer.bytes;
  }
}

/** Why an attempt failed: the provider's own error, or the gateway's words for what happened to the connection. */
export type Failure = ProviderRefused | GatewayError;

export function isFailure(error: unknown): error is Failure {
  if (error instanceof ProviderRefused) return true;
  return error instanceof GatewayError && (error.code.startsWith('upstream_') || isLossy(error));
}

/** The target was not asked, as it could not carry everything and the call is strict; another may. */
export function isLossy(failure: Failure): boolean {
  return failure instanceof GatewayError && failure.code === 'translation_lossy';
}

/** What kind of error the provider told; undefined where it told none. */
export function kindOf(failure: Failure): ModelErrorKind | undefined {
  return failure instanceof GatewayError ? undefined : failure.error.kind;
}

/**
 * What a failure says of the target. `fatal`: it will fail until somebody mends its key or its name; `limited`: it works and wants fewer calls; `void`: nothing, as the call
 * itself was at fault.
 */
export function evidenceOf(failure: Failure): 'failed' | 'fatal' | 'limited' | 'void' {
  if (failure instanceof GatewayError) {
    if (isLossy(failure)) return 'void';
    return failure.code === 'upstream_sign_in_failed' ? 'fatal' : 'failed';
  }
  switch (failure.error.kind) {
    case 'invalid-request':
    case 'content-policy':
    case 'context-overflow':
    case 'too-large':
      return 'void';
    case 'authentication':
    case 'permission':
    case 'billing':
    case 'not-found':
    case 'quota':
      return 'fatal';
    case 'rate-limit':
      return 'limited';
    case 'overloaded':
    case 'timeout':
    case 'server':
    case 'unavailable':
      return 'failed';
  }
}

/** Whether another target may do better. What is the caller's own fault fails everywhere. */
export function isWorthAnother(failure: Failure): boolean {
  if (failure instanceof GatewayError) return true;
  switch (failure.error.kind) {
    case 'invalid-request':
    case 'content-policy':
    case 'context-overflow':
    case 'too-large':
      return false;
    case 'authentication':
    case 'permission':
    case 'billing':
    case 'not-found':
    case 'rate-limit':
    case 'quota':
    case 'overloaded':
    case 'timeout':
    case 'server':
    case 'unavailable':
      return true;
  }
}

/** Milliseconds after which the same target may be asked once more; undefined: it would say the same again. */
export function retryDelayMs(
  failure: Failure,
  limits: { longestWaitMs: number; random: () => number },
): number | undefined {
  const jittered = 100 + 200 * limits.random();
  if (failure instanceof GatewayError) {
    return failure.code === 'upstream_unreachable' ||
      failure.code === 'upstream_broke_off' ||
      failure.code === 'upstream_error'
      ? jittered
      : undefined;
  }
  const { kind, retryAfterSeconds } = failure.error;
  if (retryAfterSeconds !== undefined) {
    const isPassing = kind === 'rate-limit' || kind === 'overloaded' || kind === 'unavailable' || kind === 'server';
    return isPassing && retryAfterSeconds * 1000 <= limits.longestWaitMs ? retryAfterSeconds * 1000 : undefined;
  }
  return kind === 'overloaded' || kind === 'server' || kind === 'unavailable' ? jittered : undefined;
}

/** For the attempt's line in the record. */
export function describeFailure(failure: Failure): { why: string; status: number | undefined } {
  if (failure instanceof GatewayError) return { why: failure.message, status: undefined };
  return { why: `${failure.error.kind}: ${failure.error.message.slice(0, 300)}`, status: failure.error.status };
}
