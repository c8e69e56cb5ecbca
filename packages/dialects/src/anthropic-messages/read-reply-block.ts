import type { ModelEvent } from '../events.ts';
import type { Json, JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import { isSealed, unseal } from '../seal.ts';
import { readCitation } from './citations.ts';

/** One content block on its way: what its start means, each delta, and its end. */
export interface BlockReader {
  start: ModelEvent[];
  delta(delta: JsonObject): ModelEvent[];
  end(): ModelEvent[];
}

/**
 * Opens the block that `content_block_start` tells, or a whole one of a document. `callSignatures` are the signatures of
 * tool calls that came before the calls themselves, sealed by another gateway of this house: read here, filled here.
 */
export function openBlock(value: JsonObject, block: number, callSignatures: Map<string, string>): BlockReader {
  switch (value['type']) {
    case 'text':
      return openText(value, block);
    case 'thinking':
    case 'redacted_thinking':
      return openReasoning(value, block, callSignatures);
    case 'tool_use':
      return openToolCall(value, block, callSignatures);
    default:
      return openOpaque(value, block);
  }
}

/** Opens a block whose start never came, as far as its first delta tells what it is. */
export function openBlockForDelta(delta: JsonObject, block: number): BlockReader | undefined {
  switch (delta['type']) {
    case 'text_delta':
    case 'citations_delta':
      return openText({}, block);
    case 'thinking_delta':
    case 'signature_delta':
      return openReasoning({}, block, new Map());
    default:
      return undefined;
  }
}

function openText(value: JsonObject, block: number): BlockReader {
  const at = { choice: 0, block };
  const start: ModelEvent[] = [{ type: 'text-start', ...at }];
  const text = value['text'];
  if (typeof text === 'string' && text !== '') start.push({ type: 'text-delta', ...at, text });
  const citations = value['citations'];
  for (const citation of Array.isArray(citations) ? citations : []) {
    if (isObject(citation)) start.push({ type: 'citation', ...at, citation: readCitation(citation) });
  }
  return {
    start,
    delta(delta) {
      const piece = delta['text'];
      if (typeof piece === 'string') return piece === '' ? [] : [{ type: 'text-delta', choice: 0, block, text: piece }];
      const citation = delta['citation'];
      return isObject(citation) ? [{ type: 'citation', ...at, citation: readCitation(citation) }] : [];
    },
    end: () => [{ type: 'text-end', ...at }],
  };
}

/** Begins with its first text or its end: only then is it known for reasoning, and not for a call's sealed signature. */
function openReasoning(value: JsonObject, block: number, callSignatures: Map<string, string>): BlockReader {
  const at = { choice: 0, block };
  let signature = textOf(value['signature']);
  let isBegun = false;
  function begin(): ModelEvent[] {
    if (isBegun) return [];
    isBegun = true;
    const { id, isSummary } = isSealed(signature) ? unseal(signature) : {};
    return [
      { type: 'reasoning-start', ...at, ...(id === undefined ? {} : { id }), ...(isSummary ? { isSummary } : {}) },
    ];
  }
  function tellText(text: string): ModelEvent[] {
    return text === '' ? [] : [...begin(), { type: 'reasoning-delta', ...at, text }];
  }
  return {
    start: tellText(textOf(value['thinking'])),
    delta(delta) {
      signature += textOf(delta['signature']);
      return tellText(textOf(delta['thinking']));
    },
    end() {
      const { callId, ofText, signature: inner } = isSealed(signature) ? unseal(signature) : {};
      if (!isBegun && ofText) return [];
      if (!isBegun && callId !== undefined && inner !== undefined) {
        callSignatures.set(callId, inner);
        return [];
      }
      const redacted = typeof value['data'] === 'string' ? value['data'] : undefined;
      return [...begin(), { type: 'reasoning-end', ...at, ...readBinding(signature, redacted) }];
    },
  };
}

type Binding = Pick<Extract<ModelEvent, { type: 'reasoning-end' }>, 'signature' | 'redacted' | 'encrypted' | 'boundTo'>;

function readBinding(signature: string, redacted: string | undefined): Binding {
  if (isSealed(signature)) {
    const { boundTo, signature: inner, encrypted, redacted: innerRedacted } = unseal(signature);
    const binding: Binding = {};
    if (boundTo !== undefined) binding.boundTo = boundTo;
    if (inner !== undefined) binding.signature = inner;
    if (encrypted !== undefined) binding.encrypted = encrypted;
    if (innerRedacted !== undefined) binding.redacted = innerRedacted;
    return binding;
  }
  if (signature === '' && redacted === undefined) return {};
  const binding: Binding = { boundTo: 'anthropic-messages' };
  if (signature !== '') binding.signature = signature;
  if (redacted !== undefined) binding.redacted = redacted;
  return binding;
}

function openToolCall(value: JsonObject, block: number, callSignatures: Map<string, string>): BlockReader {
  const at = { choice: 0, block };
  const { type: _type, id, name, input, ...extras } = value;
  const start: ModelEvent = { type: 'tool-call-start', ...at, id: textOf(id), name: textOf(name) };
  if (Object.keys(extras).length > 0) start.extras = extras;
  let hasDeltas = false;
  return {
    start: [start],
    delta(delta) {
      const piece = delta['partial_json'];
      if (typeof piece !== 'string' || piece === '') return [];
      hasDeltas = true;
      return [{ type: 'tool-call-delta', ...at, arguments: piece }];
    },
    end() {
      const signature = callSignatures.get(textOf(id));
      const end: ModelEvent = { type: 'tool-call-end', ...at, ...(signature === undefined ? {} : { signature }) };
      if (hasDeltas) return [end];
      // Arguments told whole in the block's start, or none at all: either way, one object.
      const whole = isObject(input) ? JSON.stringify(input) : '{}';
      return [{ type: 'tool-call-delta', ...at, arguments: whole }, end];
    },
  };
}

/** A block of this dialect alone. Its deltas are put together, so that it can be told whole. */
function openOpaque(value: JsonObject, block: number): BlockReader {
  const whole: JsonObject = { ...value };
  let input = '';
  return {
    start: [],
    delta(delta) {
      for (const [key, piece] of Object.entries(delta)) {
        if (key === 'partial_json') input += textOf(piece);
        else if (key !== 'type') whole[key] = appended(whole[key], piece);
      }
      return [];
    },
    end() {
      if (input !== '') whole['input'] = parseOr(input, whole['input'] ?? {});
      const label = textOf(whole['type']) || 'unknown';
      return [{ type: 'opaque', choice: 0, block, origin: 'anthropic-messages', label, value: whole }];
    },
  };
}

function appended(before: Json | undefined, piece: Json | undefined): Json {
  if (typeof before === 'string' && typeof piece === 'string') return before + piece;
  return piece ?? before ?? null;
}

function parseOr(text: string, otherwise: Json): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return otherwise;
  }
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
