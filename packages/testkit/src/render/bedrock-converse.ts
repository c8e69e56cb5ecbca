import type { Asked } from '../asked.ts';
import { asObject, type JsonObject, parseJson } from '../json.ts';
import type { Finish, Said } from '../reply-script.ts';
import type { Frame, Mark } from '../wire-reply.ts';
import { eventStreamMessage } from './event-stream.ts';

const stopReasons: Record<Finish, string> = {
  stop: 'end_turn',
  'stop-sequence': 'stop_sequence',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  'content-filter': 'content_filtered',
  refusal: 'content_filtered',
  pause: 'end_turn',
};

/** A Converse answer. */
export function converseDocument(_asked: Asked, said: Said): JsonObject {
  const text = said.refusal ?? said.text;
  const content = [
    ...(said.reasoning === '' ? [] : [{ reasoningContent: { reasoningText: sealed(said) } }]),
    ...(text === '' ? [] : [{ text }]),
    ...said.toolCalls.map(({ id, name, arguments: input }) => ({
      toolUse: { toolUseId: id, name, input: asObject(parseJson(input)) },
    })),
  ];
  return {
    metrics: { latencyMs: 1 },
    output: { message: { content, role: 'assistant' } },
    stopReason: stopOf(said),
    usage: converseUsage(said),
  };
}

/** The messages of a ConverseStream answer; only tool calls have a start, as at the provider. */
export function converseStream(_asked: Asked, said: Said): Frame[] {
  const blocks = [
    ...(said.reasoning === '' ? [] : [reasoningDeltas(said)]),
    ...(said.text === '' && said.refusal === undefined ? [] : [textDeltas(said)]),
    ...toolDeltas(said),
  ];
  return [
    converseFrame('role', 'messageStart', { role: 'assistant' }),
    ...blocks.flatMap((block, contentBlockIndex) => [
      ...block.map(([mark, type, fields]) => converseFrame(mark, type, { contentBlockIndex, ...fields })),
      converseFrame('other', 'contentBlockStop', { contentBlockIndex }),
    ]),
    converseFrame('finish', 'messageStop', { stopReason: stopOf(said) }),
    converseFrame('usage', 'metadata', { metrics: { latencyMs: 1 }, usage: converseUsage(said) }),
  ];
}

/** An event of the stream; `p` is the padding with which the provider hides the payload's length. */
export function converseFrame(mark: Mark, type: string, payload: JsonObject): Frame {
  const headers = { ':event-type': type, ':content-type': 'application/json', ':message-type': 'event' };
  return { mark, bytes: eventStreamMessage(headers, JSON.stringify({ ...payload, p: 'abcdefgh' })) };
}

type BlockEvent = [mark: Mark, type: string, fields: JsonObject];

function reasoningDeltas(said: Said): BlockEvent[] {
  const { signature } = sealed(said);
  return [
    ...said.reasoningPieces.map((text) => delta('reasoning', { reasoningContent: { text } })),
    delta('other', { reasoningContent: { signature } }),
  ];
}

function textDeltas(said: Said): BlockEvent[] {
  const pieces = said.refusal === undefined ? said.pieces : [said.refusal];
  return pieces.map((text) => delta('text', { text }));
}

function toolDeltas(said: Said): BlockEvent[][] {
  return said.toolCalls.map(({ id, name, pieces }) => [
    ['tool-start', 'contentBlockStart', { start: { toolUse: { toolUseId: id, name } } }],
    ...pieces.map((input) => delta('tool', { toolUse: { input } })),
  ]);
}

function delta(mark: Mark, fields: JsonObject): BlockEvent {
  return [mark, 'contentBlockDelta', { delta: fields }];
}

function sealed(said: Said): { text: string; signature: string } {
  return { text: said.reasoning, signature: said.signature };
}

function stopOf(said: Said): string {
  return said.rawFinish ?? stopReasons[said.finish];
}

/** Here, as at Anthropic, the cached and the written tokens are no part of `inputTokens`; the total counts all. */
function converseUsage(said: Said): JsonObject {
  const { input, output, cached, cacheWrite } = said.usage;
  return {
    inputTokens: input - cached - cacheWrite,
    outputTokens: output,
    totalTokens: input + output,
    cacheReadInputTokens: cached,
    cacheWriteInputTokens: cacheWrite,
  };
}
