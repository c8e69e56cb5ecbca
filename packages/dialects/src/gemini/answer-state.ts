import type { ReplyContext } from '../dialect.ts';
import type { ModelEvent } from '../events.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import type { Citation } from '../request.ts';
import type { Usage } from '../usage.ts';
import { isMadeCallId } from './call-ids.ts';
import { writeCitations } from './citations.ts';
import { defined, parseJson } from './fields.ts';
import { blockReasonOf, writeFinishReason } from './finish-reason.ts';
import { writeLogprobs } from './logprobs.ts';
import { writeSignature } from './signature.ts';
import { writeUsage } from './usage.ts';

type Finish = Extract<ModelEvent, { type: 'finish' }>;

/** A tool call on its way: its arguments go out when they are whole. */
interface Call {
  id: string;
  name: string;
  arguments: string;
  custom: boolean;
}

interface Choice {
  calls: Map<number, Call>;
  /** Blocks whose tool call is the answer's own text, as the request's writer arranged. */
  jsonBlocks: Set<number>;
  reasoning: Map<number, { id?: string; isSummary?: boolean }>;
  /** The block of the thought that stands last, with nothing after it. */
  thought: number | undefined;
  citations: Citation[];
  text: string;
  written: boolean;
  wroteCall: boolean;
  refused: boolean;
  malformed: string | undefined;
  logprobs: Json[];
  metadata: JsonObject;
  finish: Finish | undefined;
}

/** What a reply's writer remembers of the events so far. */
export interface AnswerState {
  /** The text that the event adds to the answer, or to its thoughts; undefined for every other event. */
  textOf(event: ModelEvent): { choice: number; block: number; text: string; isThought: boolean } | undefined;
  /** The parts that the event completes. */
  partsOf(event: ModelEvent): JsonObject[];
  /** `usageMetadata`, `modelVersion` and the like, as far as known. Changes only with `start` and `usage`. */
  about(): JsonObject;
  /** What the answer's end tells of each candidate, without its content; blocked prompts have none. */
  candidates(): JsonObject[];
  /** Set if the prompt was refused whole. */
  promptFeedback(): JsonObject | undefined;
}

/** A state before the first event. */
export function createAnswerState(context: ReplyContext): AnswerState {
  const choices = new Map<number, Choice>();
  let start: Extract<ModelEvent, { type: 'start' }> | undefined;
  let usage: Usage | undefined;

  const at = (index: number): Choice => {
    let choice = choices.get(index);
    if (choice === undefined) choices.set(index, (choice = newChoice()));
    return choice;
  };

  const state: AnswerState = {
    textOf(event) {
      switch (event.type) {
        case 'text-delta':
        case 'refusal-delta': {
          const choice = at(event.choice);
          choice.text += event.text;
          choice.written = true;
          choice.thought = undefined;
          return { choice: event.choice, block: event.block, text: event.text, isThought: false };
        }
        case 'reasoning-delta': {
          const choice = at(event.choice);
          // Thoughts that follow one another are one to whoever reads them: only a blank line keeps them apart.
          const isAnother = choice.thought !== undefined && choice.thought !== event.block && event.text !== '';
          const text = isAnother ? `\n\n${event.text}` : event.text;
          choice.written = true;
          if (event.text !== '') choice.thought = event.block;
          return { choice: event.choice, block: event.block, text, isThought: true };
        }
        case 'tool-call-delta': {
          const choice = at(event.choice);
          if (!choice.jsonBlocks.has(event.block)) return undefined;
          choice.text += event.arguments;
          choice.thought = undefined;
          return { choice: event.choice, block: event.block, text: event.arguments, isThought: false };
        }
        default:
          return undefined;
      }
    },
    partsOf(event) {
      if (event.type === 'start') start = event;
      else if (event.type === 'usage') usage = { ...usage, ...event.usage };
      else if ('choice' in event) {
        const choice = at(event.choice);
        const parts = take(choice, event, context);
        if (parts.length > 0) choice.thought = undefined;
        return parts;
      }
      return [];
    },
    about: () => ({
      ...(usage === undefined ? undefined : { usageMetadata: writeUsage(usage) }),
      modelVersion: context.model,
      ...(start?.createdAtSeconds === undefined ? undefined : { createTime: timeOf(start.createdAtSeconds) }),
      responseId: start?.id ?? context.id,
    }),
    candidates: () =>
      [...choices].filter(([, choice]) => !isBlocked(choice)).map(([index, choice]) => endOf(index, choice)),
    promptFeedback() {
      const blocked = [...choices.values()].find(isBlocked);
      const blockReason = blockReasonOf(blocked?.finish?.raw);
      if (blockReason === undefined) return undefined;
      return defined({ blockReason, blockReasonMessage: blocked?.finish?.message });
    },
  };
  return state;
}

function newChoice(): Choice {
  return {
    calls: new Map(),
    jsonBlocks: new Set(),
    reasoning: new Map(),
    thought: undefined,
    citations: [],
    text: '',
    written: false,
    wroteCall: false,
    refused: false,
    malformed: undefined,
    logprobs: [],
    metadata: {},
    finish: undefined,
  };
}

function timeOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

type ChoiceEvent = Extract<ModelEvent, { choice: number }>;

function take(choice: Choice, event: ChoiceEvent, context: ReplyContext): JsonObject[] {
  switch (event.type) {
    case 'tool-call-start':
      startCall(choice, event, context);
      return [];
    case 'tool-call-delta': {
      const call = choice.calls.get(event.block);
      if (call !== undefined) call.arguments += event.arguments;
      return [];
    }
    case 'tool-call-end':
      return endCall(choice, event.block, event.signature);
    case 'text-end':
      return event.signature === undefined ? [] : [{ text: '', thoughtSignature: event.signature }];
    case 'reasoning-start':
      choice.reasoning.set(event.block, defined({ id: event.id, isSummary: event.isSummary }));
      return [];
    case 'reasoning-end': {
      const thoughtSignature = writeSignature({ ...choice.reasoning.get(event.block), ...event });
      choice.reasoning.delete(event.block);
      return thoughtSignature === undefined ? [] : [{ text: '', thought: true, thoughtSignature }];
    }
    case 'refusal-start':
      choice.refused = true;
      return [];
    case 'media':
      choice.written = true;
      return mediaParts(event);
    case 'opaque':
      return opaqueParts(choice, event);
    case 'citation':
      choice.citations.push(event.citation);
      return [];
    case 'logprobs':
      choice.logprobs.push(...event.content);
      return [];
    case 'finish':
      choice.finish = event;
      return [];
    default:
      return [];
  }
}

function startCall(
  choice: Choice,
  event: Extract<ModelEvent, { type: 'tool-call-start' }>,
  context: ReplyContext,
): void {
  if (context.jsonTool !== undefined && event.name === context.jsonTool) {
    choice.jsonBlocks.add(event.block);
    return;
  }
  choice.calls.set(event.block, {
    id: context.toolCallIds?.get(event.id) ?? event.id,
    name: context.toolNames?.get(event.name) ?? event.name,
    arguments: '',
    custom: event.custom === true,
  });
}

/**
 * The whole call. Arguments that are no JSON object cannot be said in Gemini's words: such a call is told as Gemini
 * tells one of its own that failed, by the finish reason MALFORMED_FUNCTION_CALL.
 */
function endCall(choice: Choice, block: number, signature: string | undefined): JsonObject[] {
  const call = choice.calls.get(block);
  if (call === undefined) return [];
  choice.calls.delete(block);
  const args = call.custom ? { input: call.arguments } : argsOf(call.arguments);
  if (args === undefined) {
    choice.malformed = `Malformed function call: ${call.name}(${call.arguments.slice(0, 500)})`;
    return [];
  }
  choice.wroteCall = true;
  choice.written = true;
  const functionCall = defined({ id: isMadeCallId(call.id) ? undefined : call.id, name: call.name, args });
  return [defined({ functionCall, thoughtSignature: signature })];
}

function argsOf(text: string): JsonObject | undefined {
  if (text.trim() === '') return {};
  const args = parseJson(text);
  return isObject(args) ? args : undefined;
}

function mediaParts(event: Extract<ModelEvent, { type: 'media' }>): JsonObject[] {
  const { mediaType: mimeType, data, url: fileUri, transcript, signature: thoughtSignature } = event;
  const parts: JsonObject[] = transcript ? [{ text: transcript }] : [];
  const type = mimeType ?? { image: 'image/png', audio: 'audio/wav', file: 'application/octet-stream' }[event.kind];
  if (data !== undefined) parts.push(defined({ inlineData: { mimeType: type, data }, thoughtSignature }));
  else if (fileUri !== undefined) parts.push(defined({ fileData: defined({ mimeType, fileUri }), thoughtSignature }));
  return parts;
}

function opaqueParts(choice: Choice, event: Extract<ModelEvent, { type: 'opaque' }>): JsonObject[] {
  if (event.origin !== 'gemini') return [];
  if (event.label !== 'candidateMetadata') return [event.value];
  choice.metadata = { ...choice.metadata, ...event.value };
  return [];
}

function isBlocked(choice: Choice): boolean {
  return !choice.written && blockReasonOf(choice.finish?.raw) !== undefined;
}

function endOf(index: number, choice: Choice): JsonObject {
  const { finish, malformed, metadata, logprobs } = choice;
  return defined({
    finishReason: finishReasonOf(choice),
    finishMessage: malformed ?? finish?.message,
    index,
    citationMetadata: writeCitations(choice.citations, choice.text),
    logprobsResult: logprobs.length === 0 ? undefined : writeLogprobs(logprobs),
    ...metadata,
  });
}

function finishReasonOf({ finish, malformed, refused }: Choice): string | undefined {
  if (finish === undefined) return undefined;
  const reason = refused && finish.reason === 'stop' ? 'refusal' : finish.reason;
  const isOpen = reason === 'stop' || reason === 'tool-calls';
  if (malformed !== undefined && isOpen) return writeFinishReason('malformed-tool-call', undefined);
  const raw = blockReasonOf(finish.raw) ?? finish.raw;
  return writeFinishReason(reason, raw);
}
