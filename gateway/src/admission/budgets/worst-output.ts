import type { DialectName } from '@xidao/dialects';
import type { Call } from '../../core/call.ts';
import type { Plan } from '../../core/plan.ts';
import type { Target } from '../../core/target.ts';

/** Where each dialect says how long an answer may be, and how many answers there shall be. */
const KEYS: Record<DialectName, { length: readonly string[]; number: readonly string[] }> = {
  'openai-chat': { length: ['max_completion_tokens', 'max_tokens'], number: ['n', 'best_of'] },
  'openai-responses': { length: ['max_output_tokens'], number: [] },
  'anthropic-messages': { length: ['max_tokens'], number: [] },
  gemini: { length: ['maxOutputTokens', 'max_output_tokens'], number: ['candidateCount', 'candidate_count'] },
  bedrock: { length: ['maxTokens'], number: [] },
  'cohere-chat': { length: ['max_tokens'], number: ['num_generations'] },
  'ollama-chat': { length: ['num_predict'], number: [] },
  dashscope: { length: ['max_tokens'], number: ['n'] },
};

/** Of a model of which nothing is known. */
const UNKNOWN_MAX = 4_096;
/** What writes nothing that is billed by its length. */
const SILENT: ReadonlySet<string> = new Set(['embeddings', 'batch-embeddings', 'moderations', 'count-tokens']);

/** The greatest output that a call can have. */
export interface OutputBound {
  /** Tokens of one answer; undefined: the client leaves it open, and the model's own limit holds. */
  readonly asked: number | undefined;
  readonly answers: number;
}

/** Read from the bytes, without parsing a long prompt for two numbers: where a key is there several times, wherever it stands, the greatest counts. */
export function boundOutput(call: Pick<Call, 'bytes' | 'bodyDialect' | 'operation'>, plan: Plan): OutputBound {
  if (SILENT.has(call.operation)) return { asked: 0, answers: 1 };
  const { length, number } = KEYS[call.bodyDialect];
  const asked = greatest(call.bytes, length) ?? plan.defaults?.maxTokens;
  const cap = plan.defaults?.maxTokensCap;
  const answers = Math.max(1, greatest(call.bytes, number) ?? 1);
  return { asked: asked === undefined || cap === undefined ? (asked ?? cap) : Math.min(asked, cap), answers };
}

/** Tokens that a target may write at most. */
export function worstOutput({ asked, answers }: OutputBound, { facts }: Pick<Target, 'facts'>): number {
  return (asked ?? facts.maxOutputTokens ?? UNKNOWN_MAX) * answers;
}

function greatest(bytes: Buffer, keys: readonly string[]): number | undefined {
  let found: number | undefined;
  for (const key of keys) {
    const quoted = `"${key}"`;
    // Inside a string the quotes would be escaped.
    for (let at = bytes.indexOf(quoted); at !== -1; at = bytes.indexOf(quoted, at + 1)) {
      const after = bytes.toString('latin1', at + quoted.length, at + quoted.length + 24);
      const digits = /^\s*:\s*(\d{1,9})(?!\d)/.exec(after)?.[1];
      if (digits !== undefined) found = Math.max(found ?? 0, Number(digits));
    }
  }
  return found;
}
