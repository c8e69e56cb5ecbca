import type { Asked } from '../asked.ts';
import { asObject, type JsonObject } from '../json.ts';
import type { Finish, Said, SaidToolCall, UsageScript } from '../reply-script.ts';
import { eventFrame, type Frame, type Mark } from '../wire-reply.ts';
import { interleave } from './interleave.ts';

const finishReasons: Record<Finish, string> = {
  stop: 'stop',
  'stop-sequence': 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
  refusal: 'stop',
  pause: 'stop',
};

/** A `chat.completion`, with `n` like choices. */
export function chatDocument(asked: Asked, said: Said): JsonObject {
  const message: JsonObject = {
    role: 'assistant',
    content: said.text === '' ? null : said.text,
    ...(said.reasoning === '' ? {} : { [said.reasoningField]: said.reasoning }),
    ...(said.toolCalls.length === 0 ? {} : { tool_calls: said.toolCalls.map(writeToolCall) }),
    refusal: said.refusal ?? null,
    annotations: writeAnnotations(said),
  };
  return {
    id: `chatcmpl-${said.id}`,
    object: 'chat.completion',
    created: said.createdSeconds,
    model: said.model,
    choices: choiceNumbers(asked).map((index) => ({
      index,
      message,
      logprobs: null,
      finish_reason: said.rawFinish ?? finishReasons[said.finish],
    })),
    usage: chatUsage(said.usage),
    service_tier: 'default',
    system_fingerprint: 'fp_testkit',
  };
}

/** A stream of `chat.completion.chunk`. The usage chunk comes where `include_usage` asked for it, as at the provider. */
export function chatStream(asked: Asked, said: Said): Frame[] {
  const wantsUsage = asObject(asked.body['stream_options'])['include_usage'] === true;
  const chunks = chatChunks(asked, said);
  const frames = chunks.map(({ mark, chunk }, index) => {
    if (asked.usageStyle === 'every-chunk') return eventFrame(mark, { ...chunk, usage: growing(said, index, chunks) });
    return eventFrame(mark, wantsUsage ? { ...chunk, usage: null } : chunk);
  });
  const usage = { ...envelope(said), usage: chatUsage(said.usage) };
  if (asked.usageStyle === 'late') frames.push(eventFrame('usage', usage));
  else if (wantsUsage) frames.push(eventFrame('usage', { ...usage, choices: [] }));
  return [...frames, eventFrame('done', '[DONE]')];
}

/** The counts in the words of OpenAI Chat. */
export function chatUsage(usage: Required<UsageScript>): JsonObject {
  return {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
    prompt_tokens_details: {
      cached_tokens: usage.cached,
      audio_tokens: 0,
      ...(usage.cacheWrite > 0 ? { cache_write_tokens: usage.cacheWrite } : {}),
    },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoning,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

/** The indices of the choices that the request wants. */
export function choiceNumbers(asked: Asked): number[] {
  return Array.from({ length: Number(asked.body['n'] ?? 1) }, (_, index) => index);
}

interface MarkedChunk {
  mark: Mark;
  chunk: JsonObject;
}

function chatChunks(asked: Asked, said: Said): MarkedChunk[] {
  const deltas: [Mark, JsonObject][] = [
    ['role', { role: 'assistant', content: said.toolCalls.length > 0 ? null : '', refusal: null }],
    ...said.reasoningPieces.map((piece): [Mark, JsonObject] => ['reasoning', { [said.reasoningField]: piece }]),
    ...said.pieces.map((piece): [Mark, JsonObject] => ['text', { content: piece }]),
    ...(said.refusal === undefined ? [] : [['text', { refusal: said.refusal }] as [Mark, JsonObject]]),
    ...toolDeltas(said),
    ...(said.citations.length === 0 ? [] : [['other', { annotations: writeAnnotations(said) }] as [Mark, JsonObject]]),
  ];
  const reason = said.rawFinish ?? finishReasons[said.finish];
  const choices = choiceNumbers(asked);
  return [
    ...deltas.flatMap(([mark, delta]) => choices.map((index) => ({ mark, chunk: chunkOf(said, index, delta, null) }))),
    ...choices.map((index) => ({ mark: 'finish' as const, chunk: chunkOf(said, index, {}, reason) })),
  ];
}

function toolDeltas(said: Said): [Mark, JsonObject][] {
  const rows = said.toolCalls.map((call, index): [Mark, JsonObject][] => [
    ['tool-start', { tool_calls: [{ index, ...writeToolCall({ ...call, arguments: '' }) }] }],
    ...call.pieces.map((piece): [Mark, JsonObject] => [
      'tool',
      { tool_calls: [{ index, function: { arguments: piece } }] },
    ]),
  ]);
  return said.parallel ? interleave(rows) : rows.flat();
}

function writeToolCall(call: SaidToolCall): JsonObject {
  return { id: call.id, type: 'function', function: { name: call.name, arguments: call.arguments } };
}

function writeAnnotations(said: Said): JsonObject[] {
  return said.citations.map(({ url, title, text }) => {
    const start = Math.max(0, said.text.indexOf(text));
    return { type: 'url_citation', url_citation: { start_index: start, end_index: start + text.length, url, title } };
  });
}

function envelope(said: Said): JsonObject {
  return {
    id: `chatcmpl-${said.id}`,
    object: 'chat.completion.chunk',
    created: said.createdSeconds,
    model: said.model,
    service_tier: 'default',
    system_fingerprint: 'fp_testkit',
  };
}

function chunkOf(said: Said, index: number, delta: JsonObject, reason: string | null): JsonObject {
  return { ...envelope(said), choices: [{ index, delta, logprobs: null, finish_reason: reason }] };
}

/** Hosts that tell usage in every chunk tell what was written so far; the last one tells it all. */
function growing(said: Said, index: number, chunks: unknown[]): JsonObject {
  const output = Math.ceil((said.usage.output * (index + 1)) / chunks.length);
  return chatUsage({ ...said.usage, output, reasoning: Math.min(output, said.usage.reasoning) });
}
