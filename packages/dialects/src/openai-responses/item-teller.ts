/** Tells the output items of a reply as blocks of events, each once, whether they come in pieces, whole, or both. */

import type { ModelEvent } from '../events.ts';
import type { Json, JsonObject } from '../json.ts';
import { asText, given, objectsOf } from './fields.ts';
import { createMessageTeller, type MessageTeller } from './message-teller.ts';
import { nameInNamespace } from './namespaces.ts';
import { readSeal } from './seal.ts';

const MEDIA_OF_FORMAT: Record<string, string> = { jpeg: 'image/jpeg', webp: 'image/webp', gif: 'image/gif' };
const IMAGE_FIELDS = new Set(['type', 'id', 'result']);

/** Where a piece belongs: `output_index`, or the item's id with hosts that leave the index out. */
export type ItemKey = number | string;

interface ItemState {
  type: string;
  id: string | undefined;
  isDone: boolean;
  message: MessageTeller | undefined;
  /** The block of a call or of reasoning, once begun. */
  block: number | undefined;
  /** Characters told: of the arguments, or of the reasoning text with index `textIndex`. */
  told: number;
  textIndex: number;
  /** An item tells its summary or its full reasoning; whichever comes first. */
  reasoning: 'summary' | 'content' | undefined;
}

export interface ItemTeller {
  open(key: ItemKey, item: JsonObject): void;
  /** The item is complete: tells what of it was not told yet. */
  close(key: ItemKey, item: JsonObject): void;
  message(key: ItemKey): MessageTeller;
  reasoningDelta(key: ItemKey, kind: 'summary' | 'content', index: number, text: string): void;
  /** The whole of one reasoning text. */
  reasoningText(key: ItemKey, kind: 'summary' | 'content', index: number, text: string): void;
  argumentsDelta(key: ItemKey, text: string): void;
  /** Closes what is open and tells items of `output` that never came on their own. */
  settle(output: JsonObject[]): void;
  readonly hasCall: boolean;
  readonly hasRefusal: boolean;
}

export function createItemTeller(emit: (event: ModelEvent) => void): ItemTeller {
  const states = new Map<ItemKey, ItemState>();
  let blocks = 0;
  let hasCall = false;
  let hasRefusal = false;
  const nextBlock = () => blocks++;

  const stateOf = (key: ItemKey, type: string, id?: string): ItemState => {
    let state = states.get(key);
    if (state === undefined) {
      state = {
        type,
        id,
        isDone: false,
        message: undefined,
        block: undefined,
        told: 0,
        textIndex: 0,
        reasoning: undefined,
      };
      states.set(key, state);
    }
    return state;
  };

  const messageOf = (state: ItemState): MessageTeller => {
    const onRefusal = () => {
      hasRefusal = true;
    };
    state.message ??= createMessageTeller(emit, nextBlock, onRefusal);
    return state.message;
  };

  const beginCall = (state: ItemState, item: JsonObject): number => {
    if (state.block !== undefined) return state.block;
    hasCall = true;
    state.block = nextBlock();
    emit(
      given<Extract<ModelEvent, { type: 'tool-call-start' }>>({
        type: 'tool-call-start',
        choice: 0,
        block: state.block,
        id: asText(item['call_id']) || asText(item['id']) || `call_${state.block}`,
        name: nameInNamespace(asText(item['namespace']), asText(item['name']) ?? ''),
        custom: item['type'] === 'custom_tool_call' ? true : undefined,
      }),
    );
    return state.block;
  };

  const tellArguments = (state: ItemState, text: string) => {
    if (state.block === undefined || text === '') return;
    state.told += text.length;
    emit({ type: 'tool-call-delta', choice: 0, block: state.block, arguments: text });
  };

  const closeCall = (state: ItemState, item: JsonObject) => {
    const block = beginCall(state, item);
    const text = asText(item['type'] === 'custom_tool_call' ? item['input'] : item['arguments']) ?? '';
    tellArguments(state, text.slice(state.told));
    emit({ type: 'tool-call-end', choice: 0, block });
  };

  const beginReasoning = (state: ItemState, kind: 'summary' | 'content' | undefined): number => {
    if (state.block !== undefined) return state.block;
    state.block = nextBlock();
    emit(
      given<Extract<ModelEvent, { type: 'reasoning-start' }>>({
        type: 'reasoning-start',
        choice: 0,
        block: state.block,
        id: state.id,
        isSummary: kind === undefined ? undefined : kind === 'summary',
      }),
    );
    return state.block;
  };

  const tellReasoning = (state: ItemState, kind: 'summary' | 'content', index: number, text: string) => {
    if (text === '') return;
    state.reasoning ??= kind;
    if (state.reasoning !== kind || index < state.textIndex) return;
    const block = beginReasoning(state, kind);
    if (index > state.textIndex) {
      state.textIndex = index;
      state.told = 0;
      emit({ type: 'reasoning-delta', choice: 0, block, text: '\n\n' });
    }
    state.told += text.length;
    emit({ type: 'reasoning-delta', choice: 0, block, text });
  };

  const tellReasoningText = (state: ItemState, kind: 'summary' | 'content', index: number, text: string) => {
    if (index < state.textIndex) return;
    tellReasoning(state, kind, index, index === state.textIndex ? text.slice(state.told) : text);
  };

  const closeReasoning = (state: ItemState, item: JsonObject) => {
    const tell = (kind: 'summary' | 'content') =>
      objectsOf(item[kind]).forEach((part, index) => {
        tellReasoningText(state, kind, index, asText(part['text']) ?? '');
      });
    tell('content');
    tell('summary');
    endReasoning(state, asText(item['encrypted_content']));
  };

  const endReasoning = (state: ItemState, encrypted: string | undefined) => {
    // An item without text and without a secret says nothing that could be said again.
    if (state.block === undefined && encrypted === undefined) return;
    const seal = encrypted === undefined ? undefined : readSeal(encrypted);
    const block = beginReasoning(state, undefined);
    emit(
      given<Extract<ModelEvent, { type: 'reasoning-end' }>>({
        type: 'reasoning-end',
        choice: 0,
        block,
        signature: seal?.signature,
        redacted: seal?.redacted,
        encrypted: seal ? seal.encrypted : encrypted,
        boundTo: seal?.boundTo ?? (encrypted === undefined ? undefined : 'openai-responses'),
      }),
    );
  };

  const close = (key: ItemKey, item: JsonObject) => {
    const state = stateOf(key, asText(item['type']) ?? 'item', asText(item['id']));
    if (state.isDone) return;
    state.isDone = true;
    state.id ??= asText(item['id']);
    switch (item['type']) {
      case 'message':
        return messageOf(state).close(objectsOf(item['content']));
      case 'function_call':
      case 'custom_tool_call':
        return closeCall(state, item);
      case 'reasoning':
        return closeReasoning(state, item);
      default:
        emit(wholeItem(item, nextBlock()));
    }
  };

  /** The host ended without closing this item, and never told it whole. */
  const closeBare = (state: ItemState) => {
    state.isDone = true;
    if (state.message) state.message.close([]);
    else if (state.type === 'reasoning') endReasoning(state, undefined);
    else if (state.block !== undefined) emit({ type: 'tool-call-end', choice: 0, block: state.block });
  };

  const settle = (output: JsonObject[]) => {
    const byId = new Map(output.map((item) => [item['id'] as Json, item]));
    for (const [key, state] of states) {
      if (state.isDone) continue;
      const whole = state.id === undefined ? undefined : byId.get(state.id);
      if (whole) close(key, whole);
      else closeBare(state);
    }
    for (const item of untold(output, [...states.values()])) close(`untold ${states.size}`, item);
  };

  return {
    open(key, item) {
      const state = stateOf(key, asText(item['type']) ?? 'item', asText(item['id']));
      const isCall = state.type === 'function_call' || state.type === 'custom_tool_call';
      if (isCall && typeof item['name'] === 'string') beginCall(state, item);
    },
    close,
    message: (key) => messageOf(stateOf(key, 'message')),
    reasoningDelta: (key, kind, index, text) => tellReasoning(stateOf(key, 'reasoning'), kind, index, text),
    reasoningText: (key, kind, index, text) => tellReasoningText(stateOf(key, 'reasoning'), kind, index, text),
    argumentsDelta: (key, text) => tellArguments(stateOf(key, 'function_call'), text),
    settle,
    get hasCall() {
      return hasCall;
    },
    get hasRefusal() {
      return hasRefusal;
    },
  };
}

/**
 * Items of the final response that were not told. By id where ids agree; hosts that give an item another id at the end
 * are seen through by counting the items of each type.
 */
function untold(output: JsonObject[], told: ItemState[]): JsonObject[] {
  const ids = new Set(told.map((state) => state.id).filter((id) => id !== undefined));
  const counts = new Map<string, number>();
  for (const state of told) counts.set(state.type, (counts.get(state.type) ?? 0) + 1);
  const missing = new Map<string, number>();
  for (const item of output) {
    const type = asText(item['type']) ?? 'item';
    missing.set(type, (missing.get(type) ?? 0) + 1);
  }
  for (const [type, count] of missing) missing.set(type, count - (counts.get(type) ?? 0));
  return output.filter((item) => {
    const type = asText(item['type']) ?? 'item';
    const left = missing.get(type) ?? 0;
    const id = asText(item['id']);
    if (left <= 0 || (id !== undefined && ids.has(id))) return false;
    missing.set(type, left - 1);
    return true;
  });
}

function wholeItem(item: JsonObject, block: number): ModelEvent {
  const image = item['type'] === 'image_generation_call' ? asText(item['result']) : undefined;
  if (image) return imageEvent(item, image, block);
  const label = asText(item['type']) ?? 'item';
  return { type: 'opaque', choice: 0, block, origin: 'openai-responses', label, value: item };
}

function imageEvent(item: JsonObject, data: string, block: number): ModelEvent {
  const extras: JsonObject = {};
  for (const [key, value] of Object.entries(item)) if (!IMAGE_FIELDS.has(key)) extras[key] = value;
  return given<Extract<ModelEvent, { type: 'media' }>>({
    type: 'media',
    choice: 0,
    block,
    kind: 'image',
    mediaType: MEDIA_OF_FORMAT[asText(item['output_format']) ?? ''] ?? 'image/png',
    data,
    id: asText(item['id']),
    extras,
  });
}
