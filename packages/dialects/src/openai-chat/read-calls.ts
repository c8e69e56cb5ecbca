import { createHash } from 'node:crypto';
import type { ModelEvent } from '../events.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { thoughtSignature } from './read-messages.ts';

interface OpenCall {
  block: number;
  id: string;
  name: string;
  isCustom: boolean;
  isStarted: boolean;
  /** The arguments so far; a second call under the same index is told apart by them. */
  text: string;
  signature?: string;
}

export interface CallReader {
  /** Takes one item of `tool_calls`. In a document (`isWhole`) every item is a call of its own. */
  read(item: JsonObject, isWhole: boolean, into: ModelEvent[]): void;
  /** Ends every call: one that told no arguments gets `{}`. */
  close(into: ModelEvent[]): void;
  count(): number;
}

/**
 * Puts tool calls together from deltas. Hosts leave out the index or give every call the same, tell the id once or with
 * each delta or never, and tell arguments as an object.
 */
export function createCallReader(choice: number, nextBlock: () => number, seed: () => string): CallReader {
  const calls: OpenCall[] = [];
  const byIndex = new Map<number, OpenCall>();

  const open = (item: JsonObject, inner: JsonObject, index: number | undefined): OpenCall => {
    const call: OpenCall = {
      block: -1,
      id: text(item['id']) || `call_${hash(`${seed()} ${choice} ${calls.length}`)}`,
      name: text(inner['name']),
      isCustom: item['type'] === 'custom' || isObject(item['custom']),
      isStarted: false,
      text: '',
    };
    calls.push(call);
    if (index !== undefined) byIndex.set(index, call);
    return call;
  };

  const start = (call: OpenCall, into: ModelEvent[]) => {
    call.isStarted = true;
    call.block = nextBlock();
    const { block, id, name } = call;
    into.push({ type: 'tool-call-start', choice, block, id, name, ...(call.isCustom ? { custom: true } : {}) });
    if (call.text !== '') into.push({ type: 'tool-call-delta', choice, block, arguments: call.text });
  };

  return {
    read(item, isWhole, into) {
      const inner = innerOf(item);
      const index = typeof item['index'] === 'number' ? item['index'] : undefined;
      const known = isWhole ? undefined : findCall(calls, byIndex, item, inner, index);
      const call = known ?? open(item, inner, index);
      if (call.name === '') call.name = text(inner['name']);
      const signature = thoughtSignature(item['extra_content']);
      if (signature !== undefined) call.signature = signature;
      const piece = argumentsOf(inner);
      call.text += piece;
      if (!call.isStarted) {
        if (call.name !== '') start(call, into);
      } else if (piece !== '') into.push({ type: 'tool-call-delta', choice, block: call.block, arguments: piece });
    },
    close(into) {
      for (const call of calls) {
        if (!call.isStarted) start(call, into);
        const { block, signature } = call;
        if (call.text === '' && !call.isCustom) into.push({ type: 'tool-call-delta', choice, block, arguments: '{}' });
        into.push({ type: 'tool-call-end', choice, block, ...(signature === undefined ? {} : { signature }) });
      }
      calls.length = 0;
      byIndex.clear();
    },
    count: () => calls.length,
  };
}

/** The call that a delta goes on with; undefined when it begins a new one. */
function findCall(
  calls: OpenCall[],
  byIndex: Map<number, OpenCall>,
  item: JsonObject,
  inner: JsonObject,
  index: number | undefined,
): OpenCall | undefined {
  const id = text(item['id']);
  const name = text(inner['name']);
  const found = index === undefined ? undefined : byIndex.get(index);
  if (index !== undefined && !found) return undefined;
  const last = found ?? (id === '' ? calls.at(-1) : calls.find((call) => call.id === id));
  if (!last) return undefined;
  if (name === '' || last.name === '') return last;
  // A name again: the host repeats it with every delta, or it gives every call the same index.
  if (id !== '') return id === last.id ? last : undefined;
  return isComplete(last.text) ? undefined : last;
}

function isComplete(argumentsText: string): boolean {
  if (!argumentsText.trimEnd().endsWith('}')) return false;
  try {
    JSON.parse(argumentsText);
    return true;
  } catch {
    return false;
  }
}

function innerOf(item: JsonObject): JsonObject {
  const inner = item['function'] ?? item['custom'];
  return isObject(inner) ? inner : {};
}

function argumentsOf(inner: JsonObject): string {
  const value: Json | undefined = inner['arguments'] ?? inner['input'] ?? '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** An id for a call that came without one: the same at every reading, another in every answer. */
function hash(seed: string): string {
  return createHash('sha256').update(seed).digest('hex').slice(0, 24);
}
