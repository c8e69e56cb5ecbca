import type { DialectName } from '@xidao/dialects';
import { type Gate, type Standing, standingOf, type Taken } from '../core/limits.ts';

type Unit = 'requests' | 'tokens' | 'input-tokens' | 'output-tokens';

/** What the client should know of its limits, in the headers that its SDK reads: of each unit the limit that is nearest to its end. Undefined: it has none. */
export function limitHeaders(
  takings: readonly (Taken | undefined)[],
  dialect: DialectName,
  nowMs: number,
): Record<string, string> | undefined {
  const tightest = new Map<Unit, Standing>();
  for (const taken of takings) {
    if (taken === undefined) continue;
    for (const [index, { gate }] of taken.claims.entries()) {
      const unit = unitOf(gate);
      if (unit === undefined) continue;
      const standing = standingOf(gate, taken.marks[index * 2]! - taken.atUs);
      const before = tightest.get(unit);
      if (before === undefined || standing.remaining < before.remaining) tightest.set(unit, standing);
    }
  }
  if (tightest.size === 0) return undefined;
  return dialect === 'anthropic-messages' ? anthropicHeaders(tightest, nowMs) : openaiHeaders(tightest);
}

/** The same for a refusal: the gate that refused, with nothing left of it. */
export function refusalHeaders(gate: Gate, resetMs: number, dialect: DialectName, nowMs: number) {
  const unit = unitOf(gate);
  if (unit === undefined) return undefined;
  const standing = new Map([[unit, { limit: gate.limit, used: gate.limit, remaining: 0, resetMs }]]);
  return dialect === 'anthropic-messages' ? anthropicHeaders(standing, nowMs) : openaiHeaders(standing);
}

function unitOf(gate: Gate): Unit | undefined {
  if (gate.kind === 'rate') return 'requests';
  if (gate.kind !== 'tokens') return undefined;
  if (gate.dimension === 'input_tpm') return 'input-tokens';
  return gate.dimension === 'output_tpm' ? 'output-tokens' : 'tokens';
}

/** OpenAI knows requests and tokens; its clients look for no more. */
function openaiHeaders(standings: ReadonlyMap<Unit, Standing>): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [unit, { limit, remaining, resetMs }] of standings) {
    headers[`x-ratelimit-limit-${unit}`] = String(limit);
    headers[`x-ratelimit-remaining-${unit}`] = String(remaining);
    headers[`x-ratelimit-reset-${unit}`] = goDuration(resetMs);
  }
  return headers;
}

/** Anthropic tells the moment (RFC 3339) at which nothing is in use. */
function anthropicHeaders(standings: ReadonlyMap<Unit, Standing>, nowMs: number): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [unit, { limit, remaining, resetMs }] of standings) {
    headers[`anthropic-ratelimit-${unit}-limit`] = String(limit);
    headers[`anthropic-ratelimit-${unit}-remaining`] = String(remaining);
    headers[`anthropic-ratelimit-${unit}-reset`] = `${new Date(nowMs + resetMs).toISOString().slice(0, 19)}Z`;
  }
  return headers;
}

/** As Go prints a duration, and OpenAI its resets: `12ms`, `1.5s`, `6m0s`, `1h2m3s`. */
export function goDuration(milliseconds: number): string {
  const whole = Math.ceil(milliseconds);
  if (whole < 1_000) return `${whole}ms`;
  const hours = Math.floor(whole / 3_600_000);
  const minutes = Math.floor((whole % 3_600_000) / 60_000);
  const seconds = (whole % 60_000) / 1_000;
  return `${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${seconds}s`;
}
