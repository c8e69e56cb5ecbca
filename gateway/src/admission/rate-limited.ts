import type { Call } from '../core/call.ts';
import { GatewayError } from '../core/errors.ts';
import type { Dimension, Gate, Refused } from '../core/limits.ts';
import { refusalHeaders } from './limit-headers.ts';

const WORDS: Record<Dimension, string> = {
  rpm: 'requests per min (RPM)',
  rph: 'requests per hour (RPH)',
  rpd: 'requests per day (RPD)',
  tpm: 'tokens per min (TPM)',
  tph: 'tokens per hour (TPH)',
  tpd: 'tokens per day (TPD)',
  input_tpm: 'input tokens per min (ITPM)',
  output_tpm: 'output tokens per min (OTPM)',
  concurrency: 'concurrent requests',
  money: 'money',
};

/** The refusal of a limit, in the words that clients parse for the wait (`try again in 1.2s`), naming whose limit it is and what it counts. */
export function rateLimited(
  { gate, cost, used, retryAfterMs, isBlind }: Refused,
  call: Pick<Call, 'model' | 'dialect'>,
  nowMs: number,
): GatewayError {
  // Whole milliseconds, and never none: a client that came back at once would only be refused again.
  const waitMs = Math.max(1, Math.ceil(retryAfterMs));
  const headers = refusalHeaders(gate, waitMs, call.dialect, nowMs);
  const details = { retryAfterSeconds: waitMs / 1000, ...(headers !== undefined && { headers }) };
  if (isBlind) {
    return new GatewayError(
      'limits_unavailable',
      `The limits of ${gate.owner} cannot be checked at the moment, and are set to let nothing through then (rate_limit.on_redis_failure).`,
      details,
    );
  }
  return new GatewayError(
    'rate_limit_exceeded',
    `${describe(gate, call.model)}: Limit ${gate.limit}, Used ${used}, Requested ${cost}. ${advise(gate, waitMs)}`,
    details,
  );
}

function describe(gate: Gate, model: string): string {
  return `Rate limit reached for ${model === '' ? gate.owner : `${model} by ${gate.owner}`} on ${WORDS[gate.dimension]}`;
}

function advise(gate: Gate, waitMs: number): string {
  if (gate.limit === 0) return 'This limit lets nothing through.';
  return `Please try again in ${waitMs / 1000}s.`;
}
