import type { Usage } from '@xidao/dialects';
import type { Prompt } from '../core/prompt.ts';
import type { Target } from '../core/target.ts';
import { createCalibration } from './calibration.ts';
import { type EstimatedInput, estimateInput, INPUT_KINDS } from './estimate-input.ts';
import { type EstimatedOutput, OUTPUT_KINDS } from './estimate-output.ts';

/** What estimates have been off by, model by model. */
export interface Learned {
  /** By the name that clients say, as nothing else is known before a target is chosen. */
  correctInput(model: string, estimated: EstimatedInput): number;
  correctOutput(target: string, estimated: EstimatedOutput): number;
  /** Compares what the provider counted with what would have been estimated: for the first calls, then for one in 32 (prompts) or 256 (answers), as estimating takes time. */
  maybeLearn(
    counted: Usage,
    of: { target: Target; prompt: Prompt | undefined; answer: () => EstimatedOutput | undefined },
  ): void;
}

const FIRST_CALLS = 32;
const PROMPTS_EVERY = 32;
const ANSWERS_EVERY = 256;

export function createLearned(): Learned {
  const inputs = createCalibration(INPUT_KINDS);
  const outputs = createCalibration(OUTPUT_KINDS);
  let calls = 0;

  return {
    correctInput: (model, { kind, tokens, hasMedia }) => (hasMedia ? tokens : inputs.correct(model, kind, tokens)),
    correctOutput: (target, { kind, tokens }) => (tokens === 0 ? 0 : outputs.correct(target, kind, tokens)),
    maybeLearn(counted, { target, prompt, answer }) {
      calls += 1;
      if (calls > FIRST_CALLS && calls % PROMPTS_EVERY !== 0) return;
      if (target.operation !== 'chat') return;
      learnInput(counted, prompt);
      if (calls <= FIRST_CALLS || calls % ANSWERS_EVERY === 0) learnOutput(counted, target, answer);
    },
  };

  function learnInput(counted: Usage, prompt: Prompt | undefined): void {
    // What the provider was sent is not what stands in the client's bytes.
    if (prompt === undefined || prompt.isRewritten === true || prompt.history !== undefined) return;
    const { call } = prompt;
    const { tokens, kind, hasMedia } = estimateInput(call);
    if (!hasMedia) inputs.learn(call.model, kind, tokens, counted.inputTokens);
  }

  function learnOutput(counted: Usage, { name }: Target, answer: () => EstimatedOutput | undefined): void {
    // Thoughts are billed, and often not told.
    if ((counted.reasoningTokens ?? 0) > 0) return;
    const weighed = answer();
    if (weighed !== undefined) outputs.learn(name, weighed.kind, weighed.tokens, counted.outputTokens);
  }
}
