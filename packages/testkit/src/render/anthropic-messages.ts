import type { Asked } from '../asked.ts';
import { asObject, type JsonObject, parseJson } from '../json.ts';
import type { Finish, Said, SaidToolCall } from '../reply-script.ts';
import { eventFrame, type Frame, type Mark } from '../wire-reply.ts';

const stopReasons: Record<Finish, string> = {
  stop: 'end_turn',
  'stop-sequence': 'stop_sequence',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  'content-filter': 'refusal',
  refusal: 'refusal',
  pause: 'pause_turn',
};

/** A `message`. A refusal has no content: the reason stands in `stop_details`. */
export function messageDocument(asked: Asked, said: Said): JsonObject {
  return {
    ...messageShell(said),
    content: [
      ...(said.reasoning === '' ? [] : [thinkingBlock(said)]),
      ...(said.text === '' ? [] : [{ ...textBlock(said), text: said.text }]),
      ...said.toolCalls.map((call) => ({ ...toolBlock(call), input: asObject(parseJson(call.arguments)) })),
    ],
    ...stopOf(asked, said),
    usage: messageUsage(said, said.usage.output),
  };
}

/** The events of a Messages stream. Usage comes twice, as at the provider: a guess at the start, the count at the end. */
export function messageStream(asked: Asked, said: Said): Frame[] {
  const early = asked.usageStyle === 'late' ? { input_tokens: 0, output_tokens: 0 } : messageUsage(said, 1);
  const blocks = [
    ...(said.reasoning === '' ? [] : [thinkingEvents(said)]),
    ...(said.text === '' ? [] : [textEvents(said)]),
    ...said.toolCalls.map(toolEvents),
  ];
  const last = { stop_reason: null, stop_sequence: null };
  return [
    event('role', 'message_start', { message: { ...messageShell(said), usage: early } }),
    event('other', 'ping', {}),
    ...blocks.flatMap((block, index) => [
      ...block.map(([mark, type, fields]) => event(mark, type, { index, ...fields })),
      event('other', 'content_block_stop', { index }),
      ...(asked.usageStyle === 'every-chunk'
        ? [event('usage', 'message_delta', { delta: last, usage: lastUsage(said, index + 1) })]
        : []),
    ]),
    event('finish', 'message_delta', { delta: stopOf(asked, said), usage: lastUsage(said, said.usage.output) }),
    event('done', 'message_stop', {}),
  ];
}

/** The number of tokens that the request would cost to read. */
export function tokenCount(asked: Asked): JsonObject {
  return { input_tokens: asked.inputWords };
}

type BlockEvent = [mark: Mark, type: string, fields: JsonObject];

function event(mark: Mark, type: string, fields: JsonObject): Frame {
  return eventFrame(mark, { type, ...fields }, type);
}

function messageShell(said: Said): JsonObject {
  return {
    id: `msg_${said.id}`,
    type: 'message',
    role: 'assistant',
    model: said.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
  };
}

function stopOf(asked: Asked, said: Said): JsonObject {
  const sequences = asked.body['stop_sequences'];
  const stopped = said.finish === 'stop-sequence' && Array.isArray(sequences) ? sequences[0] : null;
  const details = { type: 'refusal', category: null, explanation: said.refusal };
  return {
    stop_reason: said.rawFinish ?? stopReasons[said.finish],
    stop_sequence: stopped,
    stop_details: said.refusal === undefined ? null : details,
  };
}

/** Here the cached and the written tokens are no part of `input_tokens`. */
function messageUsage(said: Said, output: number): JsonObject {
  const { input, cached, cacheWrite, reasoning } = said.usage;
  return {
    input_tokens: input - cached - cacheWrite,
    cache_creation_input_tokens: cacheWrite,
    cache_read_input_tokens: cached,
    cache_creation: { ephemeral_5m_input_tokens: cacheWrite, ephemeral_1h_input_tokens: 0 },
    output_tokens: output,
    ...(reasoning === 0 || output < reasoning ? {} : { output_tokens_details: { thinking_tokens: reasoning } }),
    service_tier: 'standard',
  };
}

function lastUsage(said: Said, output: number): JsonObject {
  const { cache_creation: _creation, service_tier: _tier, ...usage } = messageUsage(said, output);
  return usage;
}

function thinkingBlock(said: Said): JsonObject {
  return { type: 'thinking', thinking: said.reasoning, signature: said.signature };
}

function textBlock(said: Said): JsonObject {
  return { type: 'text', text: '', ...(said.citations.length === 0 ? {} : { citations: citations(said) }) };
}

function citations(said: Said): JsonObject[] {
  return said.citations.map(({ url, title, text }) => ({
    type: 'web_search_result_location',
    cited_text: text,
    encrypted_index: 'aW5kZXg=',
    title,
    url,
  }));
}

function toolBlock(call: SaidToolCall): JsonObject {
  return { type: 'tool_use', id: call.id, name: call.name, input: {} };
}

function thinkingEvents(said: Said): BlockEvent[] {
  const empty = { type: 'thinking', thinking: '', signature: '' };
  const signature = { type: 'signature_delta', signature: said.signature };
  return [
    ['other', 'content_block_start', { content_block: empty }],
    ...said.reasoningPieces.map((thinking) => delta('reasoning', { type: 'thinking_delta', thinking })),
    delta('other', signature),
  ];
}

function textEvents(said: Said): BlockEvent[] {
  const empty = { type: 'text', text: '', ...(said.citations.length === 0 ? {} : { citations: [] }) };
  return [
    ['other', 'content_block_start', { content_block: empty }],
    ...said.pieces.map((text) => delta('text', { type: 'text_delta', text })),
    ...citations(said).map((citation) => delta('other', { type: 'citations_delta', citation })),
  ];
}

function toolEvents(call: SaidToolCall): BlockEvent[] {
  return [
    ['tool-start', 'content_block_start', { content_block: toolBlock(call) }],
    delta('other', { type: 'input_json_delta', partial_json: '' }),
    ...call.pieces.map((partial_json) => delta('tool', { type: 'input_json_delta', partial_json })),
  ];
}

function delta(mark: Mark, fields: JsonObject): BlockEvent {
  return [mark, 'content_block_delta', { delta: fields }];
}
