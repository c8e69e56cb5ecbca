import type { ModelEvent } from '../events.ts';
import type { Json, JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import { joinTexts, readCitation } from './citations.ts';
import { mediaTypeOf } from './formats.ts';

/** What a block of a stream is. A text, reasoning and a citation have no start: their first delta tells it. */
export type BlockKind = 'text' | 'reasoning' | 'tool-call' | 'image' | 'opaque';

/** One block on its way: what its start means, each delta, and its end. */
export interface BlockReader {
  kind: BlockKind;
  start: ModelEvent[];
  delta(delta: JsonObject): ModelEvent[];
  end(): ModelEvent[];
}

/** Opens the block that `contentBlockStart` tells. Undefined: one that its first delta will tell. */
export function openStarted(start: JsonObject, block: number): BlockReader | undefined {
  const { toolUse, toolResult, image } = start;
  if (isObject(toolUse))
    return isServerTool(toolUse) ? openOpaque('toolUse', toolUse, block) : openToolCall(toolUse, block);
  if (isObject(toolResult)) return openOpaque('toolResult', toolResult, block);
  if (isObject(image)) return openImage(image, block);
  return undefined;
}

/** What a delta belongs to; undefined for one of a kind not known. */
export function kindOfDelta(delta: JsonObject): BlockKind | undefined {
  if (typeof delta['text'] === 'string' || isObject(delta['citation'])) return 'text';
  if (isObject(delta['reasoningContent'])) return 'reasoning';
  if (isObject(delta['toolUse'])) return 'tool-call';
  if (isObject(delta['image'])) return 'image';
  return Array.isArray(delta['toolResult']) ? 'opaque' : undefined;
}

/** Opens a block whose start never came, which is the rule for text and reasoning. */
export function openForDelta(kind: BlockKind, block: number): BlockReader | undefined {
  if (kind === 'text') return openText(block);
  return kind === 'reasoning' ? openReasoning(block) : undefined;
}

/** The events of a whole block of a document. */
export function readBlock(value: JsonObject, block: number): ModelEvent[] {
  const { text, toolUse, reasoningContent, citationsContent, image } = value;
  if (typeof text === 'string') return whole(openText(block), { text });
  if (isObject(reasoningContent)) return whole(openReasoning(block), ...reasoningDeltas(reasoningContent));
  if (isObject(citationsContent)) return whole(openText(block), ...citationDeltas(citationsContent));
  if (isObject(toolUse) && !isServerTool(toolUse)) {
    return whole(openToolCall(toolUse, block), { toolUse: { input: JSON.stringify(toolUse['input'] ?? {}) } });
  }
  if (isObject(image)) return whole(openImage(image, block), { image });
  const label = labelOf(value);
  return [{ type: 'opaque', choice: 0, block, origin: 'bedrock', label, value }];
}

/** Run by the service, and answered by it within the same message: no call for the client. */
function isServerTool(toolUse: JsonObject): boolean {
  return typeof toolUse['type'] === 'string' && toolUse['type'] !== 'tool_use';
}

/** What a receipt calls a block: its own type if it has one, else its name. */
export function labelOf(value: JsonObject): string {
  const [name = 'unknown', inner] = Object.entries(value)[0] ?? [];
  return isObject(inner) && typeof inner['type'] === 'string' && name.startsWith('tool') ? inner['type'] : name;
}

function whole(reader: BlockReader, ...deltas: JsonObject[]): ModelEvent[] {
  return [...reader.start, ...deltas.flatMap((delta) => reader.delta(delta)), ...reader.end()];
}

function reasoningDeltas({ reasoningText, redactedContent }: JsonObject): JsonObject[] {
  const deltas = isObject(reasoningText) ? [reasoningText] : [];
  if (typeof redactedContent === 'string') deltas.push({ redactedContent });
  return deltas.map((reasoningContent) => ({ reasoningContent }));
}

function citationDeltas({ content, citations }: JsonObject): JsonObject[] {
  const told = Array.isArray(citations) ? citations.filter(isObject) : [];
  return [{ text: joinTexts(content) }, ...told.map((citation) => ({ citation }))];
}

function openText(block: number): BlockReader {
  const at = { choice: 0, block };
  return {
    kind: 'text',
    start: [{ type: 'text-start', ...at }],
    delta({ text, citation }) {
      if (isObject(citation)) return [{ type: 'citation', ...at, citation: readCitation(citation) }];
      return typeof text === 'string' && text !== '' ? [{ type: 'text-delta', ...at, text }] : [];
    },
    end: () => [{ type: 'text-end', ...at }],
  };
}

function openReasoning(block: number): BlockReader {
  const at = { choice: 0, block };
  let signature = '';
  const redacted: string[] = [];
  return {
    kind: 'reasoning',
    start: [{ type: 'reasoning-start', ...at }],
    delta({ reasoningContent }) {
      if (!isObject(reasoningContent)) return [];
      const { text, signature: piece, redactedContent } = reasoningContent;
      if (typeof piece === 'string') signature += piece;
      if (typeof redactedContent === 'string') redacted.push(redactedContent);
      return typeof text === 'string' && text !== '' ? [{ type: 'reasoning-delta', ...at, text }] : [];
    },
    end() {
      const end: ModelEvent = { type: 'reasoning-end', ...at };
      if (signature !== '') end.signature = signature;
      if (redacted.length > 0) end.redacted = joinBase64(redacted);
      if (signature !== '' || redacted.length > 0) end.boundTo = 'bedrock';
      return [end];
    },
  };
}

/** Each piece is base64 of its own, so that the pieces' texts cannot be put together, only their bytes. */
function joinBase64(pieces: string[]): string {
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined) return only;
  return Buffer.concat(pieces.map((piece) => Buffer.from(piece, 'base64'))).toString('base64');
}

function openToolCall(toolUse: JsonObject, block: number): BlockReader {
  const at = { choice: 0, block };
  const { toolUseId, name, input: _input, ...extras } = toolUse;
  const start: ModelEvent = { type: 'tool-call-start', ...at, id: textOf(toolUseId), name: textOf(name) };
  if (Object.keys(extras).length > 0) start.extras = extras;
  let hasArguments = false;
  return {
    kind: 'tool-call',
    start: [start],
    delta(delta) {
      const input = isObject(delta['toolUse']) ? delta['toolUse']['input'] : undefined;
      if (typeof input !== 'string' || input === '') return [];
      hasArguments = true;
      return [{ type: 'tool-call-delta', ...at, arguments: input }];
    },
    end() {
      const end: ModelEvent = { type: 'tool-call-end', ...at };
      return hasArguments ? [end] : [{ type: 'tool-call-delta', ...at, arguments: '{}' }, end];
    },
  };
}

function openImage(head: JsonObject, block: number): BlockReader {
  const format = textOf(head['format']);
  const pieces: string[] = [];
  let location: JsonObject | undefined;
  return {
    kind: 'image',
    start: [],
    delta({ image }) {
      const source = isObject(image) ? image['source'] : undefined;
      if (!isObject(source)) return [];
      if (typeof source['bytes'] === 'string') pieces.push(source['bytes']);
      if (isObject(source['s3Location'])) location = source['s3Location'];
      return [];
    },
    end() {
      const media: ModelEvent = { type: 'media', choice: 0, block, kind: 'image' };
      const mediaType = mediaTypeOf('image', format);
      if (mediaType !== undefined) media.mediaType = mediaType;
      if (pieces.length > 0) media.data = joinBase64(pieces);
      if (typeof location?.['uri'] === 'string') media.id = location['uri'];
      return [media];
    },
  };
}

/** A block of this dialect alone, put together to be told whole. */
function openOpaque(name: 'toolUse' | 'toolResult', head: JsonObject, block: number): BlockReader {
  const content: Json[] = [];
  let input = '';
  return {
    kind: name === 'toolUse' ? 'tool-call' : 'opaque',
    start: [],
    delta({ toolUse, toolResult }) {
      if (isObject(toolUse)) input += textOf(toolUse['input']);
      if (Array.isArray(toolResult)) content.push(...toolResult);
      return [];
    },
    end() {
      const value = { [name]: name === 'toolUse' ? { ...head, input: parseOr(input, {}) } : { ...head, content } };
      return [{ type: 'opaque', choice: 0, block, origin: 'bedrock', label: labelOf(value), value }];
    },
  };
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
