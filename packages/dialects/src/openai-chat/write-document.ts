import { isWrappedCall, unwrapInput } from '../custom-tools.ts';
import type { ReplyContext } from '../dialect.ts';
import type { ModelEvent } from '../events.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Usage } from '../usage.ts';
import { writeAnnotation } from './citations.ts';
import { writeFinishReason } from './finish-reasons.ts';
import { type ReasoningDetail, writeReasoningDetails } from './reasoning-details.ts';
import { isLegacyClient, writeAudio, writeImage } from './reply-words.ts';
import { writeUsage } from './usage.ts';
import { writeError } from './write-error.ts';

type Call = {
  id: string;
  name: string;
  custom: boolean;
  /** The provider knew the client's custom tool as a function. */
  isWrapped: boolean;
  arguments: string;
  signature?: string;
};

interface Choice {
  text: string;
  refusal: string | undefined;
  reasoning: Map<number, Partial<ReasoningDetail>>;
  calls: Map<number, Call>;
  jsonBlocks: Set<number>;
  annotations: JsonObject[];
  images: JsonObject[];
  audio?: JsonObject;
  logprobs?: { content: Json[]; refusal: Json[] | null };
  textSignature?: string;
  finish: string | null;
}

/** Writes the events as one `chat.completion`. A row that ends with an error becomes the error's body. */
export function writeDocument(events: Iterable<ModelEvent>, context: ReplyContext): JsonObject {
  const choices = new Map<number, Choice>();
  let start: Partial<Extract<ModelEvent, { type: 'start' }>> = {};
  let usage: Usage | undefined;
  for (const event of events) {
    if (event.type === 'error') return writeError(event.error, context.id).body;
    if (event.type === 'start') start = event;
    else if (event.type === 'usage') usage = { ...usage, ...event.usage };
    else if (event.type !== 'end') gather(choiceOf(choices, event.choice), event, context);
  }
  const isLegacy = isLegacyClient(context);
  return {
    id: start.id ?? context.id,
    object: 'chat.completion',
    created: start.createdAtSeconds ?? context.nowSeconds,
    model: context.model,
    choices: [...choices].sort(([a], [b]) => a - b).map(([index, choice]) => writeChoice(index, choice, isLegacy)),
    ...(usage ? { usage: writeUsage(usage) } : {}),
    ...(start.serviceTier === undefined ? {} : { service_tier: start.serviceTier }),
    system_fingerprint: start.systemFingerprint ?? null,
  };
}

function choiceOf(choices: Map<number, Choice>, index: number): Choice {
  let choice = choices.get(index);
  if (!choice) {
    choice = {
      text: '',
      refusal: undefined,
      reasoning: new Map(),
      calls: new Map(),
      jsonBlocks: new Set(),
      annotations: [],
      images: [],
      finish: null,
    };
    choices.set(index, choice);
  }
  return choice;
}

function gather(choice: Choice, event: ModelEvent, context: ReplyContext): void {
  switch (event.type) {
    case 'text-delta':
      choice.text += event.text;
      return;
    case 'text-end':
      if (event.signature !== undefined) choice.textSignature = event.signature;
      return;
    case 'refusal-start':
      choice.refusal ??= '';
      return;
    case 'refusal-delta':
      choice.refusal = (choice.refusal ?? '') + event.text;
      return;
    case 'reasoning-start':
    case 'reasoning-delta':
    case 'reasoning-end':
      gatherReasoning(choice, event);
      return;
    case 'tool-call-start':
    case 'tool-call-delta':
    case 'tool-call-end':
      gatherCall(choice, event, context);
      return;
    case 'media':
      gatherMedia(choice, event);
      return;
    case 'citation': {
      const annotation = writeAnnotation(event.citation);
      if (annotation) choice.annotations.push(annotation);
      return;
    }
    case 'logprobs':
      choice.logprobs ??= { content: [], refusal: null };
      choice.logprobs.content.push(...event.content);
      if (event.refusal) choice.logprobs.refusal = [...(choice.logprobs.refusal ?? []), ...event.refusal];
      return;
    case 'finish': {
      const isJson = event.reason === 'tool-calls' && choice.jsonBlocks.size > 0 && choice.calls.size === 0;
      choice.finish = isJson ? 'stop' : writeFinishReason(event.reason, choice.refusal !== undefined);
      return;
    }
    default:
      return;
  }
}

function gatherReasoning(
  choice: Choice,
  event: Extract<ModelEvent, { type: 'reasoning-start' | 'reasoning-delta' | 'reasoning-end' }>,
): void {
  const held = choice.reasoning.get(event.block) ?? { text: '' };
  choice.reasoning.set(event.block, held);
  if (event.type === 'reasoning-delta') {
    held.text += event.text;
    return;
  }
  const { type: _type, choice: _choice, block: _block, ...told } = event;
  Object.assign(held, told);
}

function gatherCall(
  choice: Choice,
  event: Extract<ModelEvent, { type: 'tool-call-start' | 'tool-call-delta' | 'tool-call-end' }>,
  { jsonTool, toolNames, toolCallIds, request }: ReplyContext,
): void {
  if (event.type === 'tool-call-start') {
    const { block, id, name, custom } = event;
    if (name === jsonTool) choice.jsonBlocks.add(block);
    else {
      const own = toolNames?.get(name) ?? name;
      const isWrapped = isWrappedCall({ name: own, ...(custom ? { custom } : {}) }, request?.tools);
      choice.calls.set(block, {
        id: toolCallIds?.get(id) ?? id,
        name: own,
        custom: custom === true || isWrapped,
        isWrapped,
        arguments: '',
      });
    }
    return;
  }
  const call = choice.calls.get(event.block);
  if (event.type === 'tool-call-end') {
    if (call && event.signature !== undefined) call.signature = event.signature;
  } else if (call) call.arguments += event.arguments;
  else if (choice.jsonBlocks.has(event.block)) choice.text += event.arguments;
}

function gatherMedia(choice: Choice, event: Extract<ModelEvent, { type: 'media' }>): void {
  if (event.kind === 'audio') choice.audio = writeAudio(event);
  const image = writeImage(event);
  if (image) choice.images.push(image);
}

function writeChoice(index: number, choice: Choice, isLegacy: boolean): JsonObject {
  const finish = isLegacy && choice.finish === 'tool_calls' ? 'function_call' : choice.finish;
  return { index, message: writeMessage(choice, isLegacy), logprobs: choice.logprobs ?? null, finish_reason: finish };
}

function writeMessage(choice: Choice, isLegacy: boolean): JsonObject {
  const { text, refusal, annotations, images, audio } = choice;
  const isSilent = text === '' && (choice.calls.size > 0 || refusal !== undefined || audio !== undefined);
  const message: JsonObject = { role: 'assistant', content: isSilent ? null : text, refusal: refusal ?? null };
  if (annotations.length > 0) message['annotations'] = annotations;
  if (images.length > 0) message['images'] = images;
  if (audio) message['audio'] = audio;
  Object.assign(message, writeReasoning([...choice.reasoning.values()]));
  if (choice.textSignature !== undefined)
    message['extra_content'] = { google: { thought_signature: choice.textSignature } };
  const calls = [...choice.calls.values()];
  const [first] = calls;
  if (isLegacy && first) message['function_call'] = { name: first.name, arguments: first.arguments || '{}' };
  else if (first) message['tool_calls'] = calls.map(writeCall);
  return message;
}

/** The text alone is what most clients know; the items hold what must come back with the next turn. */
function writeReasoning(blocks: Partial<ReasoningDetail>[]): JsonObject {
  const text = blocks.flatMap((block) => block.text || []).join('\n\n');
  const isBound = blocks.some(({ signature, redacted, encrypted }) => signature ?? redacted ?? encrypted);
  return {
    ...(text === '' ? {} : { reasoning_content: text }),
    ...(isBound ? { reasoning_details: blocks.flatMap((block, index) => writeReasoningDetails(block, index)) } : {}),
  };
}

function writeCall({ id, name, custom, isWrapped, arguments: told, signature }: Call): JsonObject {
  const text = isWrapped ? unwrapInput(told) : told;
  return {
    id,
    type: custom ? 'custom' : 'function',
    ...(custom ? { custom: { name, input: text } } : { function: { name, arguments: text || '{}' } }),
    ...(signature === undefined ? {} : { extra_content: { google: { thought_signature: signature } } }),
  };
}
