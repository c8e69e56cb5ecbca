import type { Usage } from '@xidao/dialects';
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
 * What a call used, with all its attempts, each counted once. Undefined: nobody knows, though it was answered; what was reserved has to do. Input that came
 * from the provider's prompt cache counts or not, as configured.
 */
export function usedTokens(record: CallRecord, countsCachedInput: boolean): TokenCount | undefined {
  const used = { input: 0, output: 0 };
  let isKnown = false;
  let isMissing = false;
  function add(usage: Usage): void {
    isKnown = true;
    used.input += usage.inputTokens - (countsCachedInput ? 0 : (usage.cachedInputTokens ?? 0));
    used.output += usage.outputTokens;
  }
  for (const { usage, verdict } of record.attempts) {
    if (usage !== undefined) add(usage);
    else if (verdict === 'answered') isMissing = true;
  }
  // The call's own usage is that of the attempt that answered, which mostly has it too: counted for both, it would be counted twice.
  if (record.usage !== undefined && (isMissing || !isKnown)) {
    add(record.usage);
    isMissing = false;
  }
  return isMissing && record.status < 400 ? undefined : used;
}
