import type { Candidate } from './candidate.ts';
import type { SignalSource } from './signals.ts';

/** Estimates of tokens are off by a tenth. */
const MARGIN = 1.1;
/** Room for an answer where the client sets no limit. */
const ROOM_FOR_ANSWER = 1_024;

/** Why this candidate cannot answer at all; undefined: it can, as far as is known. What is not known excludes no one. */
export function whyUnable({ facts }: Candidate, source: SignalSource): string | undefined {
  const missing = source.media.find((kind) => facts.inputModalities?.includes(kind) === false);
  if (missing !== undefined) return `takes no ${missing}`;
  if (source.tools > 0 && facts.tools === false) return 'takes no tools';
  if (wantsReasoning(source) && facts.reasoning === false) return 'does not reason';
  const output = source.maxOutputTokens;
  if (output !== undefined && facts.maxOutputTokens !== undefined && output > facts.maxOutputTokens) {
    return `gives at most ${facts.maxOutputTokens} tokens`;
  }
  const needed = Math.ceil(source.inputTokens * MARGIN) + Math.min(output ?? ROOM_FOR_ANSWER, ROOM_FOR_ANSWER);
  if (facts.contextWindow !== undefined && needed > facts.contextWindow) {
    return `holds ${facts.contextWindow} tokens, about ${needed} are needed`;
  }
  return undefined;
}

function wantsReasoning({ reasoningEffort }: SignalSource): boolean {
  return reasoningEffort !== undefined && reasoningEffort !== 'none' && reasoningEffort !== 'minimal';
}
