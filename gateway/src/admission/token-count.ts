import type { Gate } from '../core/limits.ts';
import type { CallRecord } from '../core/record.ts';

export interface TokenCount {
  input: number;
  output: number;
}

/** What a call of so many tokens costs at a gate. */
export function costOf({ kind, dimension }: Gate, { input, output }: TokenCount): number {
  if (kind !== 'tokens') return 1;
  if (dimension === 'input_tpm') return input;
  return dimension === 'output_tpm' ? output : input + output;
}

/**
 * What a call used, hedged attempts included. Undefined: nobody knows, though it was answered; what was reserved has to do. Input that came from the
 * provider's prompt cache counts or not, as configured.
 */
export function usedTokens(record: CallRecord, countsCachedInput: boolean): TokenCount | undefined {
  const used = { input: 0, output: 0 };
  let isKnown = false;
  for (const { usage } of [record, ...record.attempts]) {
    if (usage === undefined) continue;
    isKnown = true;
    used.input += usage.inputTokens - (countsCachedInput ? 0 : (usage.cachedInputTokens ?? 0));
    used.output += usage.outputTokens;
  }
  if (isKnown) return used;
  const wasAnswered = record.attempts.some(({ verdict }) => verdict === 'answered');
  return wasAnswered && record.status < 400 ? undefined : used;
}
