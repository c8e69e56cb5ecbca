import { InvalidRequest } from '../dialect.ts';
import type { Json, JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import type {
  CacheMark,
  MediaPart,
  MediaSource,
  Part,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from '../request.ts';
import { isSealed, unseal } from '../seal.ts';
import { readCitation } from './citations.ts';

/** Where a value stands: as receipts name it (`messages[0].content`), and as this API's own errors do (`messages.0.content`). */
export interface Path {
  names: string;
  dots: string;
}

/** The parts of a content value: a text, or blocks. Fields read past are kept on their part and named in `unread`. */
export function readBlocks(content: Json, at: Path, unread: string[]): Part[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  if (!Array.isArray(content)) return [];
  const parts: Part[] = [];
  const callSignatures = new Map<string, string>();
  content.forEach((block, index) => {
    const here = { names: `${at.names}[${index}]`, dots: `${at.dots}.${index}` };
    const sealed = readSealedSignature(block);
    const before = parts.at(-1);
    if (sealed === undefined) parts.push(readBlock(block, here, unread));
    else if (sealed.callId !== undefined) callSignatures.set(sealed.callId, sealed.signature);
    else if (before?.type === 'text') before.signature = sealed.signature;
  });
  for (const part of parts) {
    if (part.type !== 'tool-call') continue;
    const signature = callSignatures.get(part.id);
    if (signature !== undefined) part.signature = signature;
  }
  return parts;
}

function readBlock(block: Json, at: Path, unread: string[]): Part {
  if (typeof block === 'string') return { type: 'text', text: block };
  if (!isObject(block)) throw new InvalidRequest(`${at.dots}: Input should be a valid dictionary`, at.dots);
  switch (block['type']) {
    case 'text':
      return readText(block, at, unread);
    case 'image':
    case 'document':
      return readMedia(block, block['type'] === 'image' ? 'image' : 'file', at, unread);
    case 'tool_use':
      return readToolUse(block, at, unread);
    case 'tool_result':
      return readToolResult(block, at, unread);
    case 'thinking':
    case 'redacted_thinking':
      return readThinkingBlock(block, at, unread);
    case 'search_result':
      return readSearchResult(block, at, unread);
    case undefined:
      throw missing(`${at.dots}.type`);
    default:
      return opaque(block);
  }
}

function readText(block: JsonObject, at: Path, unread: string[]): TextPart {
  const { type: _type, text, citations, ...rest } = block;
  if (typeof text !== 'string') throw missing(`${at.dots}.text.text`);
  const part: TextPart = { type: 'text', text };
  if (Array.isArray(citations) && citations.length > 0) part.citations = citations.filter(isObject).map(readCitation);
  return withRest(part, rest, at, unread);
}

function readMedia(block: JsonObject, type: 'image' | 'file', at: Path, unread: string[]): Part {
  const { type: _type, source: saidSource, title, ...rest } = block;
  if (!isObject(saidSource)) throw missing(`${at.dots}.source`);
  const source = readSource(saidSource);
  if (source === undefined) return opaque(block);
  const part: MediaPart = { type, source };
  if (typeof title === 'string') part.filename = title;
  // A document made of text blocks is told to others as their text, and to its own dialect as it came.
  if (saidSource['type'] === 'content') rest['source'] = saidSource;
  return withRest(part, rest, at, unread, ['source']);
}

function readSource(source: JsonObject): MediaSource | undefined {
  const { type, media_type: mediaType, data, url, file_id: fileId, content } = source;
  const typed = typeof mediaType === 'string' ? { mediaType } : {};
  if (type === 'base64' && typeof data === 'string') {
    return { kind: 'base64', data, mediaType: typed.mediaType ?? 'application/octet-stream' };
  }
  if (type === 'text' && typeof data === 'string') return { kind: 'text', text: data, ...typed };
  if (type === 'url' && typeof url === 'string') return { kind: 'url', url, ...typed };
  if (type === 'file' && typeof fileId === 'string') return { kind: 'file-id', id: fileId, ...typed };
  if (type === 'content') {
    const text = textOfBlocks(content);
    return text === undefined ? undefined : { kind: 'text', text };
  }
  return undefined;
}

/** Search results that the client found itself: to others a text with a title, to its own dialect as it came. */
function readSearchResult(block: JsonObject, at: Path, unread: string[]): Part {
  const text = textOfBlocks(block['content']);
  if (text === undefined) return opaque(block);
  const { type: _type, title: _title, content: _content, cache_control: _mark, ...rest } = block;
  unread.push(...Object.keys(rest).map((key) => `${at.names}.${key}`));
  const part: MediaPart = { type: 'file', source: { kind: 'text', text }, extras: { search_result: block } };
  if (typeof block['title'] === 'string') part.filename = block['title'];
  const cache = readCacheControl(block['cache_control'], {});
  if (cache !== undefined) part.cache = cache;
  return part;
}

function textOfBlocks(content: Json | undefined): string | undefined {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return undefined;
  const texts: string[] = [];
  for (const block of content) {
    if (!isObject(block) || typeof block['text'] !== 'string') return undefined;
    texts.push(block['text']);
  }
  return texts.join('\n');
}

function readToolUse(block: JsonObject, at: Path, unread: string[]): ToolCallPart {
  const { type: _type, id, name, input, ...rest } = block;
  if (typeof id !== 'string') throw missing(`${at.dots}.tool_use.id`);
  if (typeof name !== 'string') throw missing(`${at.dots}.tool_use.name`);
  if (input === undefined) throw missing(`${at.dots}.tool_use.input`);
  const part: ToolCallPart = { type: 'tool-call', id, name, arguments: JSON.stringify(input ?? {}) };
  return withRest(part, rest, at, unread, isDirect(rest['caller']) ? ['caller'] : []);
}

/** Said of every ordinary call, and says nothing. */
const isDirect = (caller: Json | undefined) => isObject(caller) && caller['type'] === 'direct';

function readToolResult(block: JsonObject, at: Path, unread: string[]): ToolResultPart {
  const { type: _type, tool_use_id: callId, content, is_error: isError, ...rest } = block;
  if (typeof callId !== 'string') throw missing(`${at.dots}.tool_result.tool_use_id`);
  const inside = { names: `${at.names}.content`, dots: `${at.dots}.tool_result.content` };
  const parts = content === undefined || content === null ? [] : readBlocks(content, inside, unread);
  const part: ToolResultPart = { type: 'tool-result', callId, parts };
  if (typeof isError === 'boolean') part.isError = isError;
  return withRest(part, rest, at, unread);
}

function readThinkingBlock(block: JsonObject, at: Path, unread: string[]): ReasoningPart {
  const { type: _type, thinking, signature, data, ...rest } = block;
  const part: ReasoningPart = { type: 'reasoning' };
  if (typeof thinking === 'string') part.text = thinking;
  if (typeof data === 'string') Object.assign(part, { redacted: data, boundTo: 'anthropic-messages' });
  if (typeof signature === 'string' && signature !== '') {
    Object.assign(part, isSealed(signature) ? unseal(signature) : { signature, boundTo: 'anthropic-messages' });
  }
  return withRest(part, rest, at, unread);
}

/** A thinking block that holds no reasoning, only the signature of a call after it, or of the text before it. */
function readSealedSignature(block: Json): { callId?: string | undefined; signature: string } | undefined {
  if (!isObject(block) || block['type'] !== 'thinking' || block['thinking']) return undefined;
  if (typeof block['signature'] !== 'string' || !isSealed(block['signature'])) return undefined;
  const { callId, ofText, signature } = unseal(block['signature']);
  return (callId !== undefined || ofText) && signature !== undefined ? { callId, signature } : undefined;
}

function withRest<P extends TextPart | MediaPart | ToolCallPart | ToolResultPart | ReasoningPart>(
  part: P,
  rest: JsonObject,
  at: Path,
  unread: string[],
  known: string[] = [],
): P {
  const { cache_control: cacheControl, ...extras } = rest;
  const cache = readCacheControl(cacheControl, extras);
  if (cache !== undefined) part.cache = cache;
  for (const [key, value] of Object.entries(extras)) {
    if (value === null || value === undefined) delete extras[key];
    else if (!known.includes(key)) unread.push(`${at.names}.${key}`);
  }
  if (Object.keys(extras).length > 0) part.extras = extras;
  return part;
}

/** The mark that `cache_control` sets. One with more than a lifetime is also kept as it came. */
export function readCacheControl(control: Json | undefined, extras: JsonObject): CacheMark | undefined {
  if (!isObject(control)) return undefined;
  const { type: _type, ttl, ...rest } = control;
  if (Object.keys(rest).length > 0) extras['cache_control'] = control;
  return ttl === '5m' || ttl === '1h' ? { ttl } : {};
}

function opaque(block: JsonObject): Part {
  return { type: 'opaque', origin: 'anthropic-messages', label: String(block['type']), value: block };
}

function missing(param: string): InvalidRequest {
  return new InvalidRequest(`${param}: Field required`, param);
}
