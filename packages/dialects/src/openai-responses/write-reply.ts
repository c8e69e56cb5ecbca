/** Events written as a reply of the Responses API, streamed or whole. */

import type { ReplyContext, StreamWriter } from '../dialect.ts';
import type { ModelEvent } from '../events.ts';
import type { JsonObject } from '../json.ts';
import type { Tool } from '../request.ts';
import { seal } from '../seal.ts';
import { asText, given } from './fields.ts';
import { createTextFrames, type Frames, noFrames } from './frames.ts';
import { createLifecycle } from './lifecycle.ts';
import { namespaceOf, nameWithoutNamespace } from './namespaces.ts';
import { createOutputItems, type OpenItem } from './output-items.ts';
import { type Block, createCallBlock, createReasoningBlock, createTextBlock, type TextBlock } from './reply-blocks.ts';
import { outcomeOf, responseId } from './response-object.ts';
import type { Seal } from './seal.ts';

type EventOf<Type extends ModelEvent['type']> = Extract<ModelEvent, { type: Type }>;

export interface CollectOptions {
  /** Keep encrypted reasoning and foreign signatures, also for a client that did not ask: for storing the response. */
  withEncrypted?: boolean;
}

/**
 * The whole response object that these events tell. Without an `end` event its status is `failed`: a broken answer is
 * never said to be complete.
 */
export function collectResponse(
  events: Iterable<ModelEvent>,
  context: ReplyContext,
  options: CollectOptions = {},
): JsonObject {
  const collector = createCollector(context, options);
  for (const event of events) collector.take(event);
  return collector.response();
}

/** As `collectResponse`, for one who hears the events one by one. Holds the response while it grows, and no events. */
export function createCollector(context: ReplyContext, options: CollectOptions = {}): Reply {
  return createReply(context, noFrames, options);
}

export function writeDocument(events: Iterable<ModelEvent>, context: ReplyContext): JsonObject {
  return collectResponse(events, context);
}

/** Frames in OpenAI's order, numbered; each `write` gives what its event makes, at once. */
export function createWriter(context: ReplyContext): StreamWriter {
  const frames = createTextFrames();
  const reply = createReply(context, frames, {});
  return {
    write(event) {
      reply.take(event);
      return frames.taken();
    },
    // Every ending is told by `end` or `error`; without them there is nothing true left to say.
    finish: () => '',
  };
}

export interface Reply {
  take(event: ModelEvent): void;
  response(): JsonObject;
}

function createReply(context: ReplyContext, frames: Frames, options: CollectOptions): Reply {
  const keepsSecrets = options.withEncrypted ?? context.request?.reasoning?.wantsEncrypted ?? false;
  const callable = context.request?.tools.filter((tool) => tool.type !== 'hosted') ?? [];
  const tools = new Map(callable.map((tool) => [tool.name, tool]));
  const items = createOutputItems(responseId(context.id), frames);
  const life = createLifecycle(context, items, frames);
  const blocks = new Map<number, Block>();
  let finish: EventOf<'finish'> | undefined;
  let message: { open: OpenItem; openParts: number } | undefined;
  let lastText: TextBlock | undefined;

  const beginText = (kind: 'text' | 'refusal', block: number) => {
    const isLast = message !== undefined && message.open.index === items.list.length - 1;
    const canJoin = isLast && message !== undefined && (message.openParts > 0 || items.unhold(message.open));
    if (!canJoin) {
      items.release('completed');
      const item = { id: items.newId('msg_'), type: 'message', status: 'in_progress', role: 'assistant', content: [] };
      message = { open: items.add(item), openParts: 0 };
    }
    if (message === undefined) return;
    message.openParts++;
    lastText = createTextBlock(kind, message.open, frames);
    blocks.set(block, lastText);
  };

  const endText = (block: Block, signature: string | undefined) => {
    const seal: Seal | undefined =
      keepsSecrets && signature !== undefined ? { boundTo: 'gemini', signature, ofText: true } : undefined;
    block.end();
    if (message?.open.index !== block.open.index) return items.hold(block.open, seal);
    message.openParts--;
    if (message.openParts > 0) return;
    items.hold(message.open, seal);
    // The signature must follow its own text, so the message ends here.
    if (seal) message = undefined;
  };

  const beginReasoning = (event: EventOf<'reasoning-start'>) => {
    items.release('completed');
    const open = items.add({ id: items.idLike('rs_', event.id), type: 'reasoning', summary: [] });
    blocks.set(event.block, createReasoningBlock(event.isSummary === false, open, frames));
  };

  const endReasoning = (event: EventOf<'reasoning-end'>, block: Block) => {
    block.end();
    const secret = keepsSecrets ? secretOf(event, block.text) : undefined;
    if (secret !== undefined) block.open.item['encrypted_content'] = secret;
    items.hold(block.open);
  };

  const beginCall = (event: EventOf<'tool-call-start'>) => {
    if (event.name === context.jsonTool) return beginText('text', event.block);
    items.release('completed');
    const name = context.toolNames?.get(event.name) ?? event.name;
    const call_id = context.toolCallIds?.get(event.id) ?? event.id;
    const tool = tools.get(name);
    const isCustom = event.custom === true || tool?.type === 'custom';
    const start = { status: 'in_progress', call_id, ...namesOf(tool, name) };
    const open = items.add(
      isCustom
        ? { id: items.newId('ctc_'), type: 'custom_tool_call', ...start, input: '' }
        : { id: items.newId('fc_'), type: 'function_call', ...start, arguments: '' },
    );
    blocks.set(event.block, createCallBlock(isCustom, isCustom && event.custom !== true, open, frames));
  };

  const endCall = (event: EventOf<'tool-call-end'>, block: Block) => {
    if (block.kind !== 'call') return endText(block, undefined);
    block.end();
    const { signature } = event;
    const callId = String(block.open.item['call_id']);
    items.hold(
      block.open,
      keepsSecrets && signature !== undefined ? { boundTo: 'gemini', signature, callId } : undefined,
    );
  };

  const addWhole = (item: JsonObject, added: JsonObject) => {
    items.release('completed');
    const open = items.add(added);
    items.list[open.index] = item;
    items.finish({ ...open, item });
  };

  const addMedia = (event: EventOf<'media'>) => {
    if (event.kind !== 'image' || event.data === undefined) return tellMedia(event);
    const id = items.idLike('ig_', event.id);
    const base = { id, type: 'image_generation_call', ...event.extras };
    const output_format = event.extras?.['output_format'] ?? event.mediaType?.split('/')[1];
    const item = given<JsonObject>({ ...base, status: 'completed', output_format, result: event.data });
    addWhole(item, { ...base, status: 'in_progress', result: null });
  };

  /** Sound has no item here, and neither has an image elsewhere: what can be read of it is said as text. */
  const tellMedia = (event: EventOf<'media'>) => {
    const text = event.transcript ?? (event.url === undefined ? undefined : `![image](${event.url})`);
    if (text === undefined) return;
    const { choice, block } = event;
    take({ type: 'text-start', choice, block });
    take({ type: 'text-delta', choice, block, text });
    take({ type: 'text-end', choice, block });
  };

  const addOpaque = (event: EventOf<'opaque'>) => {
    if (event.origin !== 'openai-responses') return;
    const own = event.value['id'];
    const item = { ...event.value, id: items.idLike('', typeof own === 'string' ? own : undefined) };
    addWhole(item, 'status' in item ? { ...item, status: 'in_progress' } : item);
  };

  const end = () => {
    const outcome = outcomeOf(finish?.reason);
    if (finish?.reason === 'refusal' && ![...blocks.values()].some((block) => block.kind === 'refusal')) sayRefusal();
    for (const block of blocks.values()) if (!ended.has(block)) endOpen(block);
    items.release(outcome.status === 'incomplete' ? 'incomplete' : 'completed');
    life.conclude(outcome);
  };

  const sayRefusal = () => {
    const place = { choice: 0, block: -1 } as const;
    take({ type: 'refusal-start', ...place });
    take({ type: 'refusal-delta', ...place, text: finish?.message ?? 'The model refused to answer.' });
    take({ type: 'refusal-end', ...place });
  };

  const ended = new Set<Block>();
  const endOpen = (block: Block) => {
    ended.add(block);
    if (block.kind === 'text' || block.kind === 'refusal') return endText(block, undefined);
    block.end();
    items.hold(block.open);
  };

  const endBlock = (event: EventOf<'text-end' | 'refusal-end' | 'reasoning-end' | 'tool-call-end'>) => {
    const block = blocks.get(event.block);
    if (block === undefined || ended.has(block)) return;
    ended.add(block);
    if (event.type === 'reasoning-end') return endReasoning(event, block);
    if (event.type === 'tool-call-end') return endCall(event, block);
    return endText(block, event.type === 'text-end' ? event.signature : undefined);
  };

  function take(event: ModelEvent): void {
    if (life.isOver || ('choice' in event && event.choice !== 0)) return;
    if (!life.hasBegun) life.begin(event.type === 'start' ? event : undefined);
    switch (event.type) {
      case 'text-delta':
      case 'refusal-delta':
      case 'reasoning-delta':
        blocks.get(event.block)?.delta(event.text);
        return;
      case 'tool-call-delta':
        blocks.get(event.block)?.delta(event.arguments);
        return;
      case 'text-start':
        beginText('text', event.block);
        return;
      case 'refusal-start':
        beginText('refusal', event.block);
        return;
      case 'reasoning-start':
        beginReasoning(event);
        return;
      case 'tool-call-start':
        beginCall(event);
        return;
      case 'text-end':
      case 'refusal-end':
      case 'reasoning-end':
      case 'tool-call-end':
        endBlock(event);
        return;
      case 'citation': {
        const block = blocks.get(event.block);
        if (block && 'cite' in block) (block as TextBlock).cite(event.citation);
        return;
      }
      case 'logprobs':
        lastText?.addLogprobs(event.content);
        return;
      case 'media':
        addMedia(event);
        return;
      case 'opaque':
        addOpaque(event);
        return;
      case 'usage':
        life.addUsage(event.usage);
        return;
      case 'finish':
        finish = event;
        return;
      case 'error':
        life.fail(event.error);
        return;
      case 'end':
        end();
        return;
      case 'start':
        return;
    }
  }

  return { take, response: life.response };
}

/** The name of a called tool, and the namespace that the client declared it in. */
function namesOf(tool: Tool | undefined, name: string): JsonObject {
  const namespace = asText(tool && namespaceOf(tool)?.['name']);
  return namespace === undefined ? { name } : { name: nameWithoutNamespace(namespace, name), namespace };
}

/** What goes into `encrypted_content`: OpenAI's own as it is, another provider's under our seal. */
function secretOf(event: EventOf<'reasoning-end'>, text: string): string | undefined {
  const { boundTo, signature, redacted, encrypted } = event;
  if (boundTo === 'openai-responses') return encrypted;
  if (boundTo === undefined || (signature ?? redacted ?? encrypted) === undefined) return undefined;
  return seal(given<Seal>({ boundTo, text: text || undefined, signature, redacted, encrypted }));
}
