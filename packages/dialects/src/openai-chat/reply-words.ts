import type { ReplyContext } from '../dialect.ts';
import type { ModelEvent } from '../events.ts';
import type { JsonObject } from '../json.ts';
import type { Tool } from '../request.ts';

type Media = Extract<ModelEvent, { type: 'media' }>;

/** An image as hosts that make images tell it; undefined for what is neither bytes nor an address, or no image. */
export function writeImage({ kind, data, url, mediaType }: Media): JsonObject | undefined {
  if (kind !== 'image') return undefined;
  const told = url ?? (data === undefined ? undefined : `data:${mediaType ?? 'image/png'};base64,${data}`);
  return told === undefined ? undefined : { type: 'image_url', image_url: { url: told } };
}

export function writeAudio({ id, data, transcript, expiresAtSeconds }: Media): JsonObject {
  return {
    ...(id === undefined ? {} : { id }),
    ...(data === undefined ? {} : { data }),
    ...(transcript === undefined ? {} : { transcript }),
    ...(expiresAtSeconds === undefined ? {} : { expires_at: expiresAtSeconds }),
  };
}

/** The client declared `functions`, and so knows `function_call` and nothing of `tool_calls`. */
export function isLegacyClient({ request }: ReplyContext): boolean {
  const isLegacy = (tool: Tool) => tool.type === 'function' && tool.wording?.['field'] === 'functions';
  return request?.origin === 'openai-chat' && request.tools.length > 0 && request.tools.every(isLegacy);
}
