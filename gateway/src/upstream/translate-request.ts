import {
  type DialectName,
  dialects,
  type Json,
  type JsonObject,
  type ModelRequest,
  type Receipt,
  type ReplyContext,
} from '@xidao/dialects';
import type { Call } from '../core/call.ts';
import { GatewayError } from '../core/errors.ts';
import type { Prompt } from '../core/prompt.ts';
import type { Target } from '../core/target.ts';
import { headersToForward } from './forward-headers.ts';
import type { MediaFetcher } from './media/fetch-media.ts';
import { inlineMedia } from './media/inline-media.ts';
import { asksForUsage, spliceBody } from './splice.ts';

/** The provider's words for a prompt, and what must be remembered to read its answer. */
export interface Words {
  body: readonly Uint8Array[];
  contentType: string;
  headers: Record<string, string>;
  receipt?: Receipt;
  /** Names that were rewritten on the way out and must be put back on the way in. */
  renamed?: Pick<ReplyContext, 'toolNames' | 'toolCallIds' | 'jsonTool'>;
  /** True: the usage chunk of the stream was our wish, and is not to be shown. */
  hidesUsage: boolean;
}

/**
 * Same dialect: the original bytes with the model's name spliced in, unless they hold what only the gateway understands. Another one: read once, written for this target, with what stands at
 * addresses fetched where the target wants it inline.
 */
export async function translateRequest(prompt: Prompt, target: Target, media: MediaFetcher): Promise<Words> {
  const { call } = prompt;
  if (call.dialect === target.dialect && !mustBeRead(call, target)) return keepWords(call, target);
  if (call.dialect !== target.dialect && call.operation !== 'chat') {
    throw new GatewayError(
      'operation_not_supported',
      `${target.name} does not offer ${call.operation} in the dialect of this call.`,
    );
  }
  const request = await inlineMedia(prompt.request(), {
    media,
    target,
    body: () => call.json() as Json,
    onGone: (leave) => call.onGone(leave),
  });
  return writeWords(request, call, target);
}

/** How the dialects' own seals begin in a body: signatures of other providers, which no provider of this dialect may see. */
const SEALS: Partial<Record<DialectName, Buffer>> = {
  'openai-responses': Buffer.from('"xidao:'),
  'anthropic-messages': Buffer.from('"xidao:'),
  gemini: Buffer.from(`"${Buffer.from('xidao:').toString('base64')}`),
};

/** Keys of bodies whose values are addresses of media, in the dialects whose clients may give any address. */
const MEDIA_KEYS: Partial<Record<DialectName, readonly Buffer[]>> = {
  'openai-chat': [Buffer.from('"image_url"'), Buffer.from('"video_url"'), Buffer.from('"document_url"')],
  'openai-responses': [Buffer.from('"image_url"'), Buffer.from('"file_url"')],
  'anthropic-messages': [Buffer.from('"url"')],
};

function mustBeRead({ bytes, dialect, operation }: Call, target: Target): boolean {
  const seal = operation === 'chat' || operation === 'count-tokens' ? SEALS[dialect] : undefined;
  if (seal !== undefined && bytes.includes(seal)) return true;
  if (operation !== 'chat' || target.traits.takesMediaUrls !== false) return false;
  return MEDIA_KEYS[dialect]?.some((key) => bytes.includes(key)) === true;
}

function keepWords(call: Call, target: Target): Words {
  const hidesUsage = mustHideUsage(call, target);
  const headers = headersToForward(call.dialect, target.dialect, call.headers);
  const spliced = target.preset.adaptRequest === undefined ? spliceBody(call, target.model, hidesUsage) : undefined;
  if (spliced !== undefined) return { body: spliced, contentType: call.contentType, headers, hidesUsage };
  const { body, dropped } = rewriteParsed(call, target, hidesUsage);
  return {
    body: [encode(body)],
    contentType: call.contentType,
    headers,
    ...(dropped.length > 0 && { receipt: { dropped, changed: [] } }),
    hidesUsage,
  };
}

/** A chat stream tells its usage only if it is asked to; the gateway always asks, and shows it to whoever asked as well. */
function mustHideUsage(call: Call, target: Target): boolean {
  const tellsUsageOnlyIfAsked =
    call.dialect === 'openai-chat' &&
    target.dialect === call.dialect &&
    (call.operation === 'chat' || call.operation === 'completions') &&
    call.wantsStream &&
    target.traits.takesStreamOptions !== false;
  return tellsUsageOnlyIfAsked && !asksForUsage(call);
}

function rewriteParsed(call: Call, target: Target, asksUsage: boolean): { body: JsonObject; dropped: string[] } {
  const { task_type: _, ...rest } = call.json();
  const renamed: JsonObject = 'model' in rest ? { ...rest, model: target.model } : rest;
  if (asksUsage) {
    const options = renamed['stream_options'];
    renamed['stream_options'] = {
      ...(typeof options === 'object' && !Array.isArray(options) ? options : {}),
      include_usage: true,
    };
  }
  return adapt(renamed, call, target);
}

/** The request in the words of the target's dialect, be it the client's own or another. */
function writeWords(request: ModelRequest, call: Call, target: Target): Words {
  const written = dialects[target.dialect].writeRequest(request, target.traits);
  const { body, dropped } = adapt(written.body, call, target);
  const renamed = {
    ...(written.toolNames !== undefined && { toolNames: written.toolNames }),
    ...(written.toolCallIds !== undefined && { toolCallIds: written.toolCallIds }),
    ...(written.jsonTool !== undefined && { jsonTool: written.jsonTool }),
  };
  return {
    body: [encode(call.operation === 'chat' ? body : withOnlyKeysOf(call.json(), body))],
    contentType: 'application/json',
    headers: joinHeaders(headersToForward(call.dialect, target.dialect, call.headers), written.headers ?? {}),
    receipt: { dropped: [...written.receipt.dropped, ...dropped], changed: written.receipt.changed },
    ...(Object.keys(renamed).length > 0 && { renamed }),
    hidesUsage: mustHideUsage(call, target),
  };
}

function adapt(body: JsonObject, { operation }: Call, { preset }: Target): { body: JsonObject; dropped: string[] } {
  const adapted = preset.adaptRequest?.(body, operation) ?? { body };
  return { body: adapted.body, dropped: adapted.dropped ?? [] };
}

/** What counts tokens refuses the settings of an answer that its writer puts in. */
function withOnlyKeysOf(asked: JsonObject, body: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([key]) => key in asked));
}

/** Lists (`anthropic-beta`) from both sides become one. */
function joinHeaders(one: Record<string, string>, other: Record<string, string>): Record<string, string> {
  const joined = { ...one };
  for (const [name, value] of Object.entries(other)) {
    const both = `${joined[name] ?? ''},${value}`.split(',').map((item) => item.trim());
    joined[name] = [...new Set(both.filter((item) => item !== ''))].join(',');
  }
  return joined;
}

function encode(body: JsonObject): Buffer {
  return Buffer.from(JSON.stringify(body));
}
