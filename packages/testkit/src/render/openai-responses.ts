import type { Asked } from '../asked.ts';
import type { JsonObject } from '../json.ts';
import type { Said, SaidToolCall, UsageScript } from '../reply-script.ts';
import { eventFrame, type Frame, type Mark } from '../wire-reply.ts';
import { interleave } from './interleave.ts';

/** A finished (or incomplete) `response` object. */
export function responseDocument(asked: Asked, said: Said): JsonObject {
  const reason = incompleteReason(said);
  return {
    ...responseShell(asked, said),
    status: reason === undefined ? 'completed' : 'incomplete',
    completed_at: said.createdSeconds + 1,
    incomplete_details: reason === undefined ? null : { reason },
    output: outputItems(said),
    usage: responseUsage(said.usage),
  };
}

/** The events of a Responses stream, numbered, from `response.created` to `response.completed` or `response.incomplete`. */
export function responseStream(asked: Asked, said: Said): Frame[] {
  const shell = responseShell(asked, said);
  const document = responseDocument(asked, said);
  const ending = document['status'] === 'completed' ? 'response.completed' : 'response.incomplete';
  return numberEvents([
    ['role', 'response.created', { response: shell }],
    ['other', 'response.in_progress', { response: shell }],
    ...reasoningEvents(said),
    ...messageEvents(said),
    ...toolEvents(said),
    ['done', ending, { response: document }],
  ]);
}

/** What a Responses stream begins with, up to `response.in_progress`. */
export function responseShell(asked: Asked, said: Pick<Said, 'id' | 'model' | 'createdSeconds'>): JsonObject {
  const { body } = asked;
  return {
    id: `resp_${said.id}`,
    object: 'response',
    created_at: said.createdSeconds,
    status: 'in_progress',
    background: false,
    completed_at: null,
    error: null,
    incomplete_details: null,
    instructions: body['instructions'] ?? null,
    max_output_tokens: body['max_output_tokens'] ?? null,
    max_tool_calls: null,
    model: said.model,
    output: [],
    parallel_tool_calls: body['parallel_tool_calls'] ?? true,
    previous_response_id: body['previous_response_id'] ?? null,
    prompt_cache_key: body['prompt_cache_key'] ?? null,
    reasoning: body['reasoning'] ?? { effort: null, summary: null },
    safety_identifier: null,
    service_tier: 'default',
    store: body['store'] ?? true,
    temperature: body['temperature'] ?? 1,
    text: body['text'] ?? { format: { type: 'text' }, verbosity: 'medium' },
    tool_choice: body['tool_choice'] ?? 'auto',
    tools: body['tools'] ?? [],
    top_logprobs: 0,
    top_p: body['top_p'] ?? 1,
    truncation: 'disabled',
    usage: null,
    user: null,
    metadata: body['metadata'] ?? {},
  };
}

export type ResponseEvent = [mark: Mark, type: string, fields: JsonObject];

/** The events as frames, each with its name and its number in the row. */
export function numberEvents(events: readonly ResponseEvent[]): Frame[] {
  return events.map(([mark, type, fields], index) =>
    eventFrame(mark, { type, ...fields, sequence_number: index }, type),
  );
}

/** The counts in the words of OpenAI Responses. */
function responseUsage(usage: Required<UsageScript>): JsonObject {
  return {
    input_tokens: usage.input,
    input_tokens_details: { cached_tokens: usage.cached, cache_write_tokens: usage.cacheWrite },
    output_tokens: usage.output,
    output_tokens_details: { reasoning_tokens: usage.reasoning },
    total_tokens: usage.input + usage.output,
  };
}

function incompleteReason(said: Said): string | undefined {
  if (said.rawFinish !== undefined) return said.rawFinish;
  if (said.finish === 'length') return 'max_output_tokens';
  return said.finish === 'content-filter' ? 'content_filter' : undefined;
}

function outputItems(said: Said): JsonObject[] {
  return [
    ...(said.reasoning === '' ? [] : [reasoningItem(said)]),
    ...(hasMessage(said) ? [messageItem(said, 'completed', [messagePart(said)])] : []),
    ...said.toolCalls.map((call) => callItem(call, 'completed', call.arguments)),
  ];
}

function hasMessage(said: Said): boolean {
  return said.text !== '' || said.refusal !== undefined || said.toolCalls.length === 0;
}

function reasoningItem(said: Said): JsonObject {
  const summary = [{ type: 'summary_text', text: said.reasoning }];
  return { id: `rs_${said.id}`, type: 'reasoning', summary, encrypted_content: said.signature };
}

function messageItem(said: Said, status: string, content: JsonObject[]): JsonObject {
  return { id: `msg_${said.id}`, type: 'message', status, content, role: 'assistant' };
}

function messagePart(said: Said): JsonObject {
  if (said.refusal !== undefined) return { type: 'refusal', refusal: said.refusal };
  return { type: 'output_text', annotations: annotations(said), logprobs: [], text: said.text };
}

function annotations(said: Said): JsonObject[] {
  return said.citations.map(({ url, title, text }) => {
    const start = Math.max(0, said.text.indexOf(text));
    return { type: 'url_citation', start_index: start, end_index: start + text.length, url, title };
  });
}

function callItem(call: SaidToolCall, status: string, written: string): JsonObject {
  return { id: `fc_${call.id}`, type: 'function_call', status, arguments: written, call_id: call.id, name: call.name };
}

function reasoningEvents(said: Said): ResponseEvent[] {
  if (said.reasoning === '') return [];
  const item = reasoningItem(said);
  const at = { item_id: item['id'], output_index: 0, summary_index: 0 };
  const part = { type: 'summary_text', text: said.reasoning };
  const deltas = said.reasoningPieces.map(
    (delta): ResponseEvent => ['reasoning', 'response.reasoning_summary_text.delta', { ...at, delta }],
  );
  return [
    ['other', 'response.output_item.added', { output_index: 0, item: { ...item, summary: [] } }],
    ['other', 'response.reasoning_summary_part.added', { ...at, part: { ...part, text: '' } }],
    ...deltas,
    ['other', 'response.reasoning_summary_text.done', { ...at, text: said.reasoning }],
    ['other', 'response.reasoning_summary_part.done', { ...at, part }],
    ['other', 'response.output_item.done', { output_index: 0, item }],
  ];
}

function messageEvents(said: Said): ResponseEvent[] {
  if (!hasMessage(said)) return [];
  const output_index = said.reasoning === '' ? 0 : 1;
  const at = { item_id: `msg_${said.id}`, output_index, content_index: 0 };
  const part = messagePart(said);
  const emptied = said.refusal === undefined ? { ...part, text: '', annotations: [] } : { ...part, refusal: '' };
  const status = incompleteReason(said) === undefined ? 'completed' : 'incomplete';
  return [
    ['other', 'response.output_item.added', { output_index, item: messageItem(said, 'in_progress', []) }],
    ['other', 'response.content_part.added', { ...at, part: emptied }],
    ...(said.refusal === undefined ? textEvents(said, at) : refusalEvents(said.refusal, at)),
    ['other', 'response.content_part.done', { ...at, part }],
    ['other', 'response.output_item.done', { output_index, item: messageItem(said, status, [part]) }],
  ];
}

function textEvents(said: Said, at: JsonObject): ResponseEvent[] {
  return [
    ...said.pieces.map(
      (delta): ResponseEvent => ['text', 'response.output_text.delta', { ...at, delta, logprobs: [] }],
    ),
    ...annotations(said).map(
      (annotation, annotation_index): ResponseEvent => [
        'other',
        'response.output_text.annotation.added',
        { ...at, annotation_index, annotation },
      ],
    ),
    ['other', 'response.output_text.done', { ...at, text: said.text, logprobs: [] }],
  ];
}

function refusalEvents(refusal: string, at: JsonObject): ResponseEvent[] {
  return [
    ['text', 'response.refusal.delta', { ...at, delta: refusal }],
    ['other', 'response.refusal.done', { ...at, refusal }],
  ];
}

function toolEvents(said: Said): ResponseEvent[] {
  const first = (said.reasoning === '' ? 0 : 1) + (hasMessage(said) ? 1 : 0);
  const rows = said.toolCalls.map((call, index): ResponseEvent[] => {
    const at = { item_id: `fc_${call.id}`, output_index: first + index };
    const { output_index } = at;
    return [
      ['tool-start', 'response.output_item.added', { output_index, item: callItem(call, 'in_progress', '') }],
      ...call.pieces.map(
        (delta): ResponseEvent => ['tool', 'response.function_call_arguments.delta', { ...at, delta }],
      ),
      ['other', 'response.function_call_arguments.done', { ...at, arguments: call.arguments, name: call.name }],
      ['other', 'response.output_item.done', { output_index, item: callItem(call, 'completed', call.arguments) }],
    ];
  });
  return said.parallel ? interleave(rows) : rows.flat();
}
