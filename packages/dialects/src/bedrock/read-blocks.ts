import { InvalidRequest } from '../dialect.ts';
import type { Json, JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import type { CacheMark, MediaPart, Part, ReasoningPart, TextPart, ToolCallPart, ToolResultPart } from '../request.ts';
import { joinTexts, readCitation } from './citations.ts';
import { readMedia } from './read-media.ts';
import { labelOf } from './read-reply-block.ts';

type MarkedPart = Exclude<Part, { type: 'opaque' | 'refusal' }>;

/** The parts of a content list. A cache point becomes the mark of the part before it; fields read past are kept and named in `unread`. */
export function readBlocks(content: Json | undefined, path: string, unread: string[]): Part[] {
  if (content === undefined || content === null) return [];
  if (!Array.isArray(content)) throw invalid(path, 'a list of content blocks');
  const parts: Part[] = [];
  content.forEach((block, index) => {
    const here = `${path}[${index}]`;
    if (!isObject(block)) throw invalid(here, 'a content block');
    const before = parts.at(-1);
    const mark = readCachePoint(block['cachePoint']);
    if (mark !== undefined && takesMark(before)) before.cache = mark;
    else parts.push(readBlock(block, here, unread));
  });
  return parts;
}

/** The mark that a cache point sets; undefined for one that says more than the model has a place for. */
export function readCachePoint(point: Json | undefined): CacheMark | undefined {
  if (!isObject(point)) return undefined;
  const { type, ttl, ...rest } = point;
  if (type !== 'default' || Object.keys(rest).length > 0) return undefined;
  if (ttl === undefined || ttl === null) return {};
  return ttl === '5m' || ttl === '1h' ? { ttl } : undefined;
}

function takesMark(part: Part | undefined): part is MarkedPart {
  return part !== undefined && part.type !== 'opaque' && part.type !== 'refusal' && part.cache === undefined;
}

function readBlock(block: JsonObject, path: string, unread: string[]): Part {
  const { text, toolUse, toolResult, reasoningContent, citationsContent, guardContent, searchResult } = block;
  if (typeof text === 'string') return { type: 'text', text };
  if (isObject(toolUse)) return readToolUse(toolUse, path, unread) ?? opaque(block);
  if (isObject(toolResult)) return readToolResult(toolResult, `${path}.toolResult`, unread) ?? opaque(block);
  if (isObject(reasoningContent)) return readReasoning(reasoningContent) ?? opaque(block);
  if (isObject(citationsContent)) return readCitations(citationsContent);
  if (isObject(guardContent)) return readGuarded(guardContent, path, unread) ?? opaque(block);
  if (isObject(searchResult)) return readSearchResult(searchResult, path, unread);
  if (block['json'] !== undefined) return { type: 'text', text: JSON.stringify(block['json']), extras: { json: true } };
  return readMedia(block, path, unread) ?? opaque(block);
}

function readToolUse(toolUse: JsonObject, path: string, unread: string[]): ToolCallPart | undefined {
  const { toolUseId, name, input, ...rest } = toolUse;
  if (typeof rest['type'] === 'string' && rest['type'] !== 'tool_use') return undefined;
  if (typeof toolUseId !== 'string') throw invalid(`${path}.toolUse.toolUseId`, 'a string');
  if (typeof name !== 'string') throw invalid(`${path}.toolUse.name`, 'a string');
  const part: ToolCallPart = { type: 'tool-call', id: toolUseId, name, arguments: JSON.stringify(input ?? {}) };
  return withRest(part, rest, `${path}.toolUse`, unread);
}

function readToolResult(toolResult: JsonObject, path: string, unread: string[]): ToolResultPart | undefined {
  const { toolUseId, content, status, ...rest } = toolResult;
  // The result of a tool that the service ran itself, for a call that no client sees.
  if (typeof rest['type'] === 'string' && rest['type'] !== 'tool_result') return undefined;
  if (typeof toolUseId !== 'string') throw invalid(`${path}.toolUseId`, 'a string');
  const parts = readBlocks(content, `${path}.content`, unread);
  const part: ToolResultPart = { type: 'tool-result', callId: toolUseId, parts };
  if (status === 'error' || status === 'success') part.isError = status === 'error';
  else if (status !== undefined && status !== null) rest['status'] = status;
  return withRest(part, rest, path, unread);
}

function readReasoning({ reasoningText, redactedContent }: JsonObject): ReasoningPart | undefined {
  if (typeof redactedContent === 'string') return { type: 'reasoning', redacted: redactedContent, boundTo: 'bedrock' };
  if (!isObject(reasoningText) || typeof reasoningText['text'] !== 'string') return undefined;
  const part: ReasoningPart = { type: 'reasoning', text: reasoningText['text'] };
  if (typeof reasoningText['signature'] === 'string') {
    part.signature = reasoningText['signature'];
    part.boundTo = 'bedrock';
  }
  return part;
}

function readCitations({ content, citations }: JsonObject): TextPart {
  const told = Array.isArray(citations) ? citations.filter(isObject).map(readCitation) : [];
  const part: TextPart = { type: 'text', text: joinTexts(content), citations: told };
  // Told again as it came, where the text alone would not do.
  if (!Array.isArray(content) || content.length !== 1) part.extras = { citedContent: content ?? null };
  return part;
}

/** What a guardrail is to look at is content like any other. */
function readGuarded(guardContent: JsonObject, path: string, unread: string[]): Part | undefined {
  const { text, image } = guardContent;
  if (isObject(text) && typeof text['text'] === 'string') {
    const { text: words, ...rest } = text;
    unread.push(`${path}.guardContent`);
    return { type: 'text', text: words as string, extras: { guardContent: rest } };
  }
  const part = isObject(image) ? readMedia({ image }, path, unread) : undefined;
  if (part === undefined) return undefined;
  unread.push(`${path}.guardContent`);
  part.extras = { ...part.extras, guardContent: {} };
  return part;
}

/** Search results that the client found itself: to others a text with a title, to its own dialect as it came. */
function readSearchResult(searchResult: JsonObject, path: string, unread: string[]): MediaPart {
  const { title: _title, content: _content, ...rest } = searchResult;
  unread.push(...Object.keys(rest).map((key) => `${path}.searchResult.${key}`));
  const part: MediaPart = {
    type: 'file',
    source: { kind: 'text', text: joinTexts(searchResult['content'], '\n') },
    extras: { searchResult },
  };
  if (typeof searchResult['title'] === 'string') part.filename = searchResult['title'];
  return part;
}

function withRest<P extends ToolCallPart | ToolResultPart>(
  part: P,
  rest: JsonObject,
  path: string,
  unread: string[],
): P {
  const keys = Object.keys(rest);
  if (keys.length === 0) return part;
  part.extras = rest;
  unread.push(...keys.filter((key) => key !== 'type').map((key) => `${path}.${key}`));
  return part;
}

function opaque(block: JsonObject): Part {
  return { type: 'opaque', origin: 'bedrock', label: labelOf(block), value: block };
}

export function invalid(param: string, expected: string): InvalidRequest {
  return new InvalidRequest(`Value at '${param}' failed to satisfy constraint: Member must be ${expected}`, param);
}
