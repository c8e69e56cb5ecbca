/**
 * What the makers of the models behind this one API each want in their own words. Converse passes
 * `additionalModelRequestFields` to the model as they come, and a model refuses those of another maker.
 */
export interface Maker {
  /** How the model is told to reason. `thinking`: Anthropic's object; `nova`: Amazon's; `effort`: a bare word; `effort-object`: OpenAI's `{"effort"}`. */
  reasoning: 'thinking' | 'nova' | 'effort' | 'effort-object' | 'unknown';
  /** Where `top_k` goes. */
  topK: 'top_k' | 'inferenceConfig.topK';
  /** False: the model refuses cache points, there or among the tools. */
  takesCachePoints: boolean;
  takesToolCachePoints: boolean;
  /** False: the model refuses `temperature` and `topP` together. */
  takesBothSamplings: boolean;
  /** The model takes Anthropic's own fields: beta flags, and a tool choice that forbids parallel calls. */
  takesAnthropicFields: boolean;
}

const PLAIN: Maker = {
  reasoning: 'effort',
  topK: 'top_k',
  takesCachePoints: false,
  takesToolCachePoints: false,
  takesBothSamplings: true,
  takesAnthropicFields: false,
};

const MAKERS: Record<string, Maker> = {
  anthropic: {
    reasoning: 'thinking',
    topK: 'top_k',
    takesCachePoints: true,
    takesToolCachePoints: true,
    takesBothSamplings: false,
    takesAnthropicFields: true,
  },
  amazon: { ...PLAIN, reasoning: 'nova', topK: 'inferenceConfig.topK', takesCachePoints: true },
  openai: { ...PLAIN, reasoning: 'effort-object' },
};

/** A model behind an inference profile of the customer's own: nothing is known, so nothing is held back. */
const UNKNOWN: Maker = { ...PLAIN, reasoning: 'unknown', takesCachePoints: true, takesToolCachePoints: true };

/** `us.anthropic.claude-…` and `arn:…:foundation-model/anthropic.claude-…` name their maker; the ARN of a customer's own profile does not. */
export function makerOf(model: string): Maker {
  const segments = model.slice(model.lastIndexOf('/') + 1).split('.');
  if (segments.length === 1) return UNKNOWN;
  const at = segments.findIndex((segment) => segment in MAKERS);
  const maker = MAKERS[segments[at] ?? ''] ?? PLAIN;
  // The open-weight models of the one maker that has two kinds take the bare word.
  return segments[at + 1]?.startsWith('gpt-oss') ? PLAIN : maker;
}
