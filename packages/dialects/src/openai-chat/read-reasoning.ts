import { isObject, type JsonObject } from '../json.ts';
import type { Part, ReasoningEffort, ReasoningPart, ReasoningSettings } from '../request.ts';
import { readBoolean, readInteger, readObject, readString } from './check-fields.ts';
import type { NoteUnread } from './read-parts.ts';
import { readReasoningDetail } from './reasoning-details.ts';

const TEXT_FIELDS = ['reasoning_content', 'reasoning'];

/**
 * Reasoning of an earlier turn, in whichever of its three fields it came back. `wording.fields` names the text fields
 * that told it, `wording.detail` holds the rest of an item of `reasoning_details`.
 */
export function readReasoningFields(body: JsonObject, path: string, unread: NoteUnread): Part[] {
  for (const field of TEXT_FIELDS) {
    if (body[field] != null && typeof body[field] !== 'string') unread(`${path}.${field}`);
  }
  const parts = readDetails(body['reasoning_details'], `${path}.reasoning_details`, unread);
  const plain: Part[] = [];
  for (const [told, fields] of tellers(body)) {
    const holder = holderOf(parts, told);
    if (holder) holder.wording = { ...holder.wording, fields };
    else plain.push({ type: 'reasoning', text: told, wording: { fields } });
  }
  for (const part of parts) if (part.type === 'reasoning') dropBrokenSignature(part, path, unread);
  return [...plain, ...parts];
}

/** A signature holds for the whole text; one that lost some of it on the way makes the provider refuse the turn. */
function dropBrokenSignature(part: ReasoningPart, path: string, unread: NoteUnread): void {
  const { detail } = (part.wording ?? {}) as { detail?: JsonObject };
  const length = detail?.['text_length'];
  if (part.signature === undefined || typeof length !== 'number' || length === (part.text ?? '').length) return;
  delete part.signature;
  delete part.boundTo;
  unread(`${path}.reasoning_details (signature without its whole text)`);
}

/** Each text with the fields that tell it: most hosts that know both fields tell the same in both. */
function tellers(body: JsonObject): Map<string, string[]> {
  const texts = new Map<string, string[]>();
  for (const field of TEXT_FIELDS) {
    const told = body[field];
    if (typeof told === 'string') texts.set(told, [...(texts.get(told) ?? []), field]);
  }
  return texts;
}

/** The part whose text the plain text repeats, if the items tell it too. */
function holderOf(parts: Part[], told: string): ReasoningPart | undefined {
  const items = parts.filter((part) => part.type === 'reasoning');
  const inItems = textOf(parts, '');
  const isTold = inItems === told || textOf(parts, '\n\n') === told;
  if (items[0] && isTold && !items[0].wording?.['fields']) return items[0];
  // A stream's signature arrives alone: clients that kept the pieces apart hand it back without its text.
  const bare = items.filter((part) => part.signature !== undefined && !part.text);
  if (bare.length !== 1 || inItems !== '') return undefined;
  bare[0]!.text = told;
  return bare[0];
}

function textOf(parts: Part[], between: string): string {
  return parts.flatMap((part) => (part.type === 'reasoning' && part.text) || []).join(between);
}

function readDetails(value: unknown, path: string, unread: NoteUnread): Part[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) {
    unread(path);
    return [];
  }
  return value.flatMap((item, at): Part[] => {
    const detail = isObject(item) ? readReasoningDetail(item) : undefined;
    if (!detail || !isObject(item)) {
      if (isObject(item)) return [{ type: 'opaque', origin: 'openai-chat', label: 'reasoning_details', value: item }];
      unread(`${path}[${at}]`);
      return [];
    }
    const part: ReasoningPart = { type: 'reasoning' };
    if (detail.text !== '') part.text = detail.text;
    if (detail.isSummary) part.isSummary = true;
    if (detail.signature !== undefined) part.signature = detail.signature;
    if (detail.redacted !== undefined) part.redacted = detail.redacted;
    if (detail.encrypted !== undefined) part.encrypted = detail.encrypted;
    if (detail.id !== undefined) part.id = detail.id;
    if (detail.boundTo !== undefined) part.boundTo = detail.boundTo;
    part.wording = { detail: restOfDetail(item) };
    return [part];
  });
}

/** The item without what the part itself holds, so that a part that was changed is written back changed. */
function restOfDetail(item: JsonObject): JsonObject {
  const { text: _text, summary: _summary, signature: _signature, data: _data, id: _id, ...rest } = item;
  return rest;
}

const EFFORTS = new Set<string>(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']);

/** Top-level fields that steer reasoning, in the words of all hosts. */
export const REASONING_FIELDS = ['reasoning_effort', 'reasoning', 'enable_thinking', 'thinking', 'thinking_budget'];

/** Reads the settings, whichever host's words they are in; undefined when none says anything that is understood. */
export function readReasoningSettings(body: JsonObject): ReasoningSettings | undefined {
  const settings: ReasoningSettings = {};
  readSwitches(body, settings);
  const thinking = readObject(body, 'thinking');
  if (thinking) readThinking(thinking, settings);
  const reasoning = readObject(body, 'reasoning');
  if (reasoning) readNested(reasoning, settings);
  const effort = readString(body, 'reasoning_effort');
  if (effort !== undefined && isEffort(effort)) settings.effort = effort;
  return Object.keys(settings).length > 0 ? settings : undefined;
}

function readSwitches(body: JsonObject, settings: ReasoningSettings): void {
  const enabled = readBoolean(body, 'enable_thinking');
  if (enabled !== undefined) settings.enabled = enabled;
  const budget = readInteger(body, 'thinking_budget');
  if (budget !== undefined) settings.budgetTokens = budget;
}

function readThinking(thinking: JsonObject, settings: ReasoningSettings): void {
  const type = readString(thinking, 'type', 'thinking.type');
  if (type === 'adaptive' || type === 'auto') settings.adaptive = true;
  else if (type !== undefined) settings.enabled = type !== 'disabled';
  const budget = readInteger(thinking, 'budget_tokens', 'thinking.budget_tokens');
  if (budget !== undefined) settings.budgetTokens = budget;
}

function readNested(reasoning: JsonObject, settings: ReasoningSettings): void {
  const effort = readString(reasoning, 'effort', 'reasoning.effort');
  if (effort !== undefined && isEffort(effort)) settings.effort = effort;
  const budget = readInteger(reasoning, 'max_tokens', 'reasoning.max_tokens');
  if (budget !== undefined) settings.budgetTokens = budget;
  const enabled = readBoolean(reasoning, 'enabled', 'reasoning.enabled');
  if (enabled !== undefined) settings.enabled = enabled;
  const summary = readString(reasoning, 'summary', 'reasoning.summary');
  if (summary !== undefined) settings.summary = summary;
}

export function isEffort(word: unknown): word is ReasoningEffort {
  return typeof word === 'string' && EFFORTS.has(word);
}
