import type { ReplyContext } from '../dialect.ts';
import type { ModelEvent } from '../events.ts';
import type { JsonObject } from '../json.ts';
import { sseFrame } from '../sse.ts';
import { writeCitation } from './citations.ts';
import {
  asksForThinking,
  writeCallSignature,
  writeMediaNote,
  writeRedacted,
  writeSignature,
  writeTextSignature,
  writeToolUse,
} from './write-block.ts';

type BlockEvent = Extract<ModelEvent, { block: number }>;
type ToolCallStart = Extract<ModelEvent, { type: 'tool-call-start' }>;
type ReasoningStart = Extract<ModelEvent, { type: 'reasoning-start' }>;

/** The frames of one content block, for the events that make it. */
export interface BlockStream {
  tell(event: BlockEvent): string;
  /** The frames that end the block where its own end never came. */
  close(): string;
  isClosed: boolean;
}

export function createBlockStream(first: BlockEvent, context: ReplyContext, takeIndex: () => number): BlockStream {
  switch (first.type) {
    case 'reasoning-start':
      return asksForThinking(context) ? createThinking(first, takeIndex) : createUnasked(first, takeIndex);
    case 'tool-call-start':
      return first.name === context.jsonTool ? createText(false, takeIndex) : createToolUse(first, context, takeIndex);
    case 'media':
      return createWhole({ type: 'text', text: '' }, { type: 'text_delta', text: writeMediaNote(first) }, takeIndex);
    case 'opaque':
      return first.origin === 'anthropic-messages' ? createOpaque(first.value, takeIndex) : createNothing();
    default:
      return createText(asksForThinking(context), takeIndex);
  }
}

/** Opens at its first text: a block without any must not exist, as sent back it would be refused. */
function createText(keepsSignature: boolean, takeIndex: () => number): BlockStream {
  let index = -1;
  let prefix = '';
  function open(): string {
    index = takeIndex();
    prefix = deltaPrefix(index, 'text_delta', 'text');
    return startFrame(index, { type: 'text', text: '' });
  }
  function tellText(text: string): string {
    if (index >= 0) return `${prefix}${JSON.stringify(text)}}}\n\n`;
    return text === '' ? '' : `${open()}${prefix}${JSON.stringify(text)}}}\n\n`;
  }
  const stream: BlockStream = {
    isClosed: false,
    tell(event) {
      switch (event.type) {
        case 'text-delta':
        case 'refusal-delta':
          return tellText(event.text);
        case 'tool-call-delta':
          return tellText(event.arguments);
        case 'citation': {
          const citation = writeCitation(event.citation);
          if (citation === undefined) return '';
          const opened = index >= 0 ? '' : open();
          return opened + deltaFrame(index, { type: 'citations_delta', citation });
        }
        case 'text-end':
          if (event.signature === undefined || !keepsSignature || index < 0) return stream.close();
          return stream.close() + wholeFrames(takeIndex(), writeTextSignature(event.signature));
        case 'refusal-end':
        case 'tool-call-end':
          return stream.close();
        default:
          return '';
      }
    },
    close() {
      stream.isClosed = true;
      return index >= 0 ? stopFrame(index) : '';
    },
  };
  return stream;
}

function createThinking(start: ReasoningStart, takeIndex: () => number): BlockStream {
  let index = -1;
  let prefix = '';
  function open(): string {
    index = takeIndex();
    prefix = deltaPrefix(index, 'thinking_delta', 'thinking');
    return startFrame(index, { type: 'thinking', thinking: '', signature: '' });
  }
  function tellEnd(end: Extract<ModelEvent, { type: 'reasoning-end' }>): string {
    const redacted = index < 0 ? writeRedacted(end) : undefined;
    if (redacted !== undefined) {
      const at = takeIndex();
      return startFrame(at, redacted) + stopFrame(at);
    }
    const signature = writeSignature(end, { ...start, text: index >= 0 });
    if (signature === undefined) return '';
    const opened = index >= 0 ? '' : open();
    return opened + deltaFrame(index, { type: 'signature_delta', signature }) + stopFrame(index);
  }
  const stream: BlockStream = {
    isClosed: false,
    tell(event) {
      if (event.type === 'reasoning-delta') {
        if (event.text === '') return '';
        const opened = index >= 0 ? '' : open();
        return `${opened}${prefix}${JSON.stringify(event.text)}}}\n\n`;
      }
      if (event.type !== 'reasoning-end') return '';
      stream.isClosed = true;
      return tellEnd(event);
    },
    close: () => stream.tell({ type: 'reasoning-end', choice: 0, block: 0 }),
  };
  return stream;
}

/** Thinking that the client did not ask for. Only at its end it is known whose it is: this dialect's own is told even so. */
function createUnasked(start: ReasoningStart, takeIndex: () => number): BlockStream {
  const held: BlockEvent[] = [];
  const stream: BlockStream = {
    isClosed: false,
    tell(event) {
      if (event.type !== 'reasoning-end') {
        held.push(event);
        return '';
      }
      stream.isClosed = true;
      if (event.boundTo !== 'anthropic-messages') return '';
      const own = createThinking(start, takeIndex);
      return [...held, event].map((one) => own.tell(one)).join('');
    },
    close: () => '',
  };
  return stream;
}

/**
 * A call opens with its second piece of arguments or its end, whichever comes first: a provider that tells calls whole
 * signs them at their end, and the signature's block must stand before the call's.
 */
function createToolUse(start: ToolCallStart, context: ReplyContext, takeIndex: () => number): BlockStream {
  const head = writeToolUse(start, context);
  let index = -1;
  let prefix = '';
  let held: string | undefined;
  function open(): string {
    index = takeIndex();
    prefix = deltaPrefix(index, 'input_json_delta', 'partial_json');
    const opening = start.custom ? tellPiece('{"input":"') : '';
    return startFrame(index, head) + opening;
  }
  const tellPiece = (piece: string) => `${prefix}${JSON.stringify(piece)}}}\n\n`;
  const writePiece = (text: string) => tellPiece(start.custom ? JSON.stringify(text).slice(1, -1) : text);

  function tellDelta(text: string): string {
    if (text === '') return '';
    if (index >= 0) return writePiece(text);
    if (held === undefined) {
      held = text;
      return '';
    }
    return open() + writePiece(held) + writePiece(text);
  }
  function tellEnd(signature: string | undefined): string {
    if (index >= 0) return (start.custom ? tellPiece('"}') : '') + stopFrame(index);
    const signed =
      signature === undefined ? '' : wholeFrames(takeIndex(), writeCallSignature(signature, String(head['id'])));
    const pieces = held === undefined && !start.custom ? '{}' : (held ?? '');
    return signed + open() + writePiece(pieces) + (start.custom ? tellPiece('"}') : '') + stopFrame(index);
  }
  const stream: BlockStream = {
    isClosed: false,
    tell(event) {
      if (event.type === 'tool-call-delta') return tellDelta(event.arguments);
      if (event.type !== 'tool-call-end') return '';
      stream.isClosed = true;
      return tellEnd(event.signature);
    },
    close: () => stream.tell({ type: 'tool-call-end', choice: 0, block: 0 }),
  };
  return stream;
}

/** Clients collect the input of a server's tool use from deltas, as they do with their own; all else comes whole. */
function createOpaque(value: JsonObject, takeIndex: () => number): BlockStream {
  if (value['input'] === undefined) return createWhole(value, undefined, takeIndex);
  const delta = { type: 'input_json_delta', partial_json: JSON.stringify(value['input']) };
  return createWhole({ ...value, input: {} }, delta, takeIndex);
}

function createWhole(head: JsonObject, delta: JsonObject | undefined, takeIndex: () => number): BlockStream {
  return {
    isClosed: true,
    tell() {
      const index = takeIndex();
      const deltas = delta === undefined ? '' : deltaFrame(index, delta);
      return startFrame(index, head) + deltas + stopFrame(index);
    },
    close: () => '',
  };
}

function createNothing(): BlockStream {
  return { isClosed: true, tell: () => '', close: () => '' };
}

/** A thinking block told at once: its signature comes as a delta, as clients expect. */
function wholeFrames(index: number, block: JsonObject): string {
  const { signature, ...head } = block;
  return (
    startFrame(index, { ...head, signature: '' }) +
    deltaFrame(index, { type: 'signature_delta', signature }) +
    stopFrame(index)
  );
}

/** Everything of a delta's frame before its text, so that a delta costs one escape and two joins. */
function deltaPrefix(index: number, type: string, field: string): string {
  return `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":{"type":"${type}","${field}":`;
}

function startFrame(index: number, block: JsonObject): string {
  return sseFrame(JSON.stringify({ type: 'content_block_start', index, content_block: block }), 'content_block_start');
}

function deltaFrame(index: number, delta: JsonObject): string {
  return sseFrame(JSON.stringify({ type: 'content_block_delta', index, delta }), 'content_block_delta');
}

function stopFrame(index: number): string {
  return `event: content_block_stop\ndata: {"type":"content_block_stop","index":${index}}\n\n`;
}
