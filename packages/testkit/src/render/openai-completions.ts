import type { Asked } from '../asked.ts';
import { asObject, type JsonObject } from '../json.ts';
import type { Said } from '../reply-script.ts';
import { eventFrame, type Frame, type Mark } from '../wire-reply.ts';
import { choiceNumbers } from './openai-chat.ts';

/** A legacy `text_completion`. */
export function completionDocument(asked: Asked, said: Said): JsonObject {
  const choices = choiceNumbers(asked).map((index) => choiceOf(index, said.text, finishOf(said)));
  return { ...envelope(said), choices, usage: usageOf(said) };
}

/** A stream of legacy `text_completion` chunks, the last one of each choice with the reason to stop. */
export function completionStream(asked: Asked, said: Said): Frame[] {
  const wantsUsage = asObject(asked.body['stream_options'])['include_usage'] === true;
  const tell = (mark: Mark, index: number, text: string, reason: string | null): Frame =>
    eventFrame(mark, {
      ...envelope(said),
      choices: [choiceOf(index, text, reason)],
      ...(asked.usageStyle === 'every-chunk' ? { usage: usageOf(said) } : {}),
    });
  const choices = choiceNumbers(asked);
  const usage = eventFrame('usage', { ...envelope(said), choices: [], usage: usageOf(said) });
  return [
    ...said.pieces.flatMap((piece) => choices.map((index) => tell('text', index, piece, null))),
    ...choices.map((index) => tell('finish', index, '', finishOf(said))),
    ...(wantsUsage || asked.usageStyle === 'late' ? [usage] : []),
    eventFrame('done', '[DONE]'),
  ];
}

function envelope(said: Said): JsonObject {
  return { id: `cmpl-${said.id}`, object: 'text_completion', created: said.createdSeconds, model: said.model };
}

function choiceOf(index: number, text: string, reason: string | null): JsonObject {
  return { text, index, logprobs: null, finish_reason: reason };
}

function finishOf(said: Said): string {
  if (said.rawFinish !== undefined) return said.rawFinish;
  if (said.finish === 'content-filter') return 'content_filter';
  return said.finish === 'length' ? 'length' : 'stop';
}

function usageOf({ usage }: Said): JsonObject {
  return {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
  };
}
