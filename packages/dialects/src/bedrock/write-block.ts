import type { ReplyContext } from '../dialect.ts';
import type { ModelEvent } from '../events.ts';
import type { JsonObject } from '../json.ts';
import { formatOf } from './formats.ts';

type ToolCallStart = Extract<ModelEvent, { type: 'tool-call-start' }>;
type ReasoningEnd = Extract<ModelEvent, { type: 'reasoning-end' }>;
type Media = Extract<ModelEvent, { type: 'media' }>;

/** The head of a `toolUse` block, with the client's own name and id. */
export function writeToolUse(call: ToolCallStart, context: ReplyContext): JsonObject {
  return {
    toolUseId: context.toolCallIds?.get(call.id) ?? call.id,
    name: context.toolNames?.get(call.name) ?? call.name,
  };
}

/** What binds reasoning to the service that made it; another's bindings have no word here. */
export function writeBinding({ boundTo, signature, redacted }: ReasoningEnd): {
  signature?: string;
  redacted?: string;
} {
  if (boundTo !== 'bedrock') return {};
  return { ...(signature === undefined ? {} : { signature }), ...(redacted === undefined ? {} : { redacted }) };
}

/** An image as a block; any other medium in words. */
export function writeMedia(media: Media): JsonObject {
  const format = media.kind === 'image' ? formatOf('image', media.mediaType ?? 'image/png') : undefined;
  if (format !== undefined && media.data !== undefined) return { image: { format, source: { bytes: media.data } } };
  if (media.id?.startsWith('s3://') && media.kind === 'image') {
    return { image: { format: format ?? 'png', source: { s3Location: { uri: media.id } } } };
  }
  const name = media.mediaType ?? media.kind;
  return { text: media.transcript ?? (media.url === undefined ? `[${name}: not shown]` : `[${name}](${media.url})`) };
}
