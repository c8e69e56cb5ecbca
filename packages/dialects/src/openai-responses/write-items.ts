/** Messages as input items of the Responses API. */

import { placeOf } from '../client-words.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import type {
  Message,
  ModelRequest,
  OpaquePart,
  Part,
  ReasoningPart,
  ToolCallPart,
  ToolResultPart,
} from '../request.ts';
import { asText, given, present } from './fields.ts';
import { nameWithoutNamespace } from './namespaces.ts';
import type { TargetNames } from './target-names.ts';
import { isContent, type PartContext, writeInputPart, writeOutputPart } from './write-parts.ts';

export interface ItemContext extends PartContext {
  request: ModelRequest;
  names: TargetNames;
}

/** Every message as the items that say it; what cannot be said is told to the receipt. */
export function messagesToItems(messages: readonly Message[], context: ItemContext): JsonObject[] {
  return messages.flatMap((message, index) => writeMessage(message, index, context));
}

function writeMessage(message: Message, at: number, context: ItemContext): JsonObject[] {
  if (message.name !== undefined) context.notes.dropped(`${placeOf(context.request, at)}.name`);
  const items: JsonObject[] = [];
  let run: ContentRun | undefined;
  const closeRun = () => {
    if (run) items.push(...writeRun(run, message, context));
    run = undefined;
  };
  message.parts.forEach((part, index) => {
    const partPath = placeOf(context.request, at, index);
    if (!isContent(part)) {
      closeRun();
      items.push(...writeItem(part, partPath, context));
      return;
    }
    if (run && itemOf(part, context)) closeRun();
    run ??= { parts: [], paths: [], item: itemOf(part, context) };
    run.parts.push(part);
    run.paths.push(partPath);
  });
  closeRun();
  if (message.parts.length === 0 && !context.isForeign)
    items.push({ type: 'message', role: message.role, content: [] });
  return items;
}

/** Neighbouring parts that make one message item. */
interface ContentRun {
  parts: Part[];
  paths: string[];
  item: JsonObject | undefined;
}

/** The fields of the message item that began at this part, if it was one of ours. */
function itemOf(part: Part, context: ItemContext): JsonObject | undefined {
  if (context.isForeign || part.type === 'opaque') return undefined;
  const item = part.extras?.['item'];
  return isObject(item) ? item : undefined;
}

function writeRun(run: ContentRun, message: Message, context: ItemContext): JsonObject[] {
  const role = message.role === 'tool' ? 'user' : message.role;
  const write = role === 'assistant' ? writeOutputPart : writeInputPart;
  const content = present(run.parts.map((part, index) => write(part, run.paths[index] ?? '', context)));
  if (content.length === 0) return [];
  const isWhole = run.item?.['id'] !== undefined;
  return [{ type: 'message', ...run.item, role, content: isWhole ? wholeContent(content) : shortContent(content) }];
}

/** A lone plain text is said as a string: the shortest form, and the same bytes in every turn. */
function shortContent(content: JsonObject[]): Json {
  const [only] = content;
  const isPlain = content.length === 1 && only !== undefined && Object.keys(only).length === 2 && 'text' in only;
  return isPlain ? (only['text'] as string) : content;
}

/** An output item that is sent back by its id has `annotations`, be there any or not. */
function wholeContent(content: JsonObject[]): JsonObject[] {
  return content.map((part) => (part['type'] === 'output_text' ? { annotations: [], ...part } : part));
}

function writeItem(part: Part, path: string, context: ItemContext): JsonObject[] {
  switch (part.type) {
    case 'tool-call':
      return [writeCall(part, path, context)];
    case 'tool-result':
      return [writeResult(part, path, context)];
    case 'reasoning':
      return writeReasoning(part, path, context);
    case 'opaque':
      return writeOpaque(part, path, context);
    default:
      return [];
  }
}

function ownItem(part: ToolCallPart | ToolResultPart | ReasoningPart, context: ItemContext): JsonObject | undefined {
  const item = context.isForeign ? undefined : part.extras?.['item'];
  return isObject(item) ? item : undefined;
}

function writeCall(part: ToolCallPart, path: string, context: ItemContext): JsonObject {
  if (part.signature !== undefined) context.notes.dropped(`${path} (thought signature)`);
  const call_id = context.names.callId(part.id);
  const own = ownItem(part, context);
  const name = nameWithoutNamespace(asText(own?.['namespace']), context.names.name(part.name));
  if (part.custom) return { type: 'custom_tool_call', ...own, call_id, name, input: part.arguments };
  return { type: 'function_call', ...own, call_id, name, arguments: part.arguments || '{}' };
}

function writeResult(part: ToolResultPart, path: string, context: ItemContext): JsonObject {
  // The text of the failure is there; only the flag beside it has no place.
  if (part.isError) context.notes.dropped(`${path}.is_error`);
  const content = present(
    part.parts.map((inner, index) => writeInputPart(inner, `${path}.content[${index}]`, context)),
  );
  return {
    type: part.custom ? 'custom_tool_call_output' : 'function_call_output',
    ...ownItem(part, context),
    call_id: context.names.callId(part.callId),
    output: content.length === 0 ? '' : shortContent(content),
  };
}

function writeReasoning(part: ReasoningPart, path: string, context: ItemContext): JsonObject[] {
  const isForeignBound = part.boundTo !== undefined && part.boundTo !== 'openai-responses';
  if (isForeignBound || (context.isForeign && part.encrypted === undefined)) {
    context.notes.dropped(`${path} (reasoning${isForeignBound ? ` of ${part.boundTo}` : ''})`);
    return [];
  }
  return [
    given<JsonObject>({
      type: 'reasoning',
      id: part.id,
      summary: [],
      ...reasoningTexts(part, context),
      encrypted_content: part.encrypted,
    }),
  ];
}

/** The texts as they were split, unless somebody (a guard) has changed them since. */
function reasoningTexts(part: ReasoningPart, context: ItemContext): JsonObject {
  const own = ownItem(part, context);
  if (own && joined(own['content'], own['summary']) === (part.text ?? '')) return own;
  const { summary: _summary, content: _content, ...rest } = own ?? {};
  if (part.text === undefined) return rest;
  if (part.isSummary === false) return { ...rest, content: [{ type: 'reasoning_text', text: part.text }] };
  return { ...rest, summary: [{ type: 'summary_text', text: part.text }] };
}

function joined(content: Json | undefined, summary: Json | undefined): string {
  const texts = [content, summary].find((list) => Array.isArray(list) && list.length > 0);
  return Array.isArray(texts) ? texts.map((entry) => (isObject(entry) ? entry['text'] : '')).join('\n\n') : '';
}

function writeOpaque(part: OpaquePart, path: string, context: ItemContext): JsonObject[] {
  if (part.origin === 'openai-responses') return [part.value];
  context.notes.dropped(`${path} (${part.label})`);
  return [];
}
