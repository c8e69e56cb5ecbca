import {
  crossings,
  type DialectName,
  dialects,
  emptyReceipt,
  type Json,
  type JsonObject,
  type Message,
  type ModelRequest,
  type Part,
  type Receipt,
  type ReplyContext,
  type WrittenRequest,
  withHistory,
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
 * addresses fetched where the target wants it inline. Another operation: by way of chat, or of the crossing that leads there.
 */
export async function translateRequest(prompt: Prompt, target: Target, media: MediaFetcher): Promise<Words> {
  const { call } = prompt;
  const isSame = isSameErrand(call, target);
  const mayPass = isSame && prompt.history === undefined && prompt.isRewritten !== true && !holdsSeal(call);
  if (mayPass && !mayNameMedia(call, target)) return keepWords(call, target);
  if (!isSame && target.operation !== 'chat') return crossWords(call, target);
  const { request: asked, receipt } = wholeRequest(prompt, target);
  const request = await inlineMedia(asked, {
    media,
    target,
    body: () => call.json() as Json,
    onGone: (leave) => call.onGone(leave),
  });
  if (mayPass && request === asked) return keepWords(call, target);
  const words = writeWords(request, prompt, target);
  return { ...words, receipt: joinReceipts(receipt, words.receipt ?? emptyReceipt()) };
}

/** Whether the target is asked for the very operation that the client named, in the very dialect that it wrote. */
export function isSameErrand(call: Call, target: Target): boolean {
  return call.dialect === target.dialect && call.bodyDialect === call.dialect && call.operation === target.operation;
}

/** The request with what went before. Where it is the gateway that keeps the conversation, a provider that could is told not to. */
function wholeRequest(prompt: Prompt, target: Target): { request: ModelRequest; receipt?: Receipt } {
  const { call, history } = prompt;
  const request = prompt.request();
  if (history === undefined && call.bodyDialect === call.dialect) return { request };
  const isOwnDialect = target.dialect === request.origin;
  const messages = isOwnDialect ? history?.flatMap(withoutUnboundReasoning) : history;
  const whole = messages === undefined ? request : withHistory(request, messages);
  const isLossy = isOwnDialect && history?.some(({ parts }) => parts.some(isUnboundReasoning)) === true;
  return {
    request: isOwnDialect ? { ...whole, store: false } : whole,
    ...(isLossy && { receipt: { dropped: ['previous_response_id (reasoning of another provider)'], changed: [] } }),
  };
}

/** The Responses API takes reasoning back by its id or its seal; what another provider told has neither. */
function withoutUnboundReasoning(message: Message): Message[] {
  const parts = message.parts.filter((part) => !isUnboundReasoning(part));
  return parts.length === 0 && message.parts.length > 0 ? [] : [{ ...message, parts }];
}

function isUnboundReasoning(part: Part): boolean {
  return part.type === 'reasoning' && part.boundTo === undefined;
}

function crossWords(call: Call, target: Target): Words {
  const crossing = crossings.find(
    ({ from, to }) =>
      from.dialect === call.dialect &&
      from.operation === call.operation &&
      to.dialect === target.dialect &&
      to.operation === target.operation,
  );
  if (crossing === undefined)
    throw new GatewayError(
      'operation_not_supported',
      `${target.name} does not offer ${call.operation} in the dialect of this call.`,
    );
  const { task_type: _, ...body } = call.json();
  return wordsOf(crossing.writeRequest(body, target.traits), call, target);
}

interface SealMark {
  /** A piece that is found fast: short, and its first letter rare in texts. */
  hint: Buffer;
  /** What stands there only if it is a seal. */
  whole: Buffer;
}

/** How the dialects' own seals begin in a body: signatures of other providers, which no provider of this dialect may see. */
const SEALS: Partial<Record<DialectName, SealMark>> = {
  'openai-responses': { hint: Buffer.from('xidao:'), whole: Buffer.from('"xidao:') },
  'anthropic-messages': { hint: Buffer.from('xidao:'), whole: Buffer.from('"xidao:') },
  // The same in base64.
  gemini: { hint: Buffer.from('YW86'), whole: Buffer.from('"eGlkYW86') },
};

/** Keys of bodies whose values are addresses of media, in the dialects whose clients may give any address. */
const MEDIA_KEYS: Partial<Record<DialectName, readonly Buffer[]>> = {
  'openai-chat': [Buffer.from('"image_url"'), Buffer.from('"video_url"'), Buffer.from('"document_url"')],
  'openai-responses': [Buffer.from('"image_url"'), Buffer.from('"file_url"')],
  'anthropic-messages': [Buffer.from('"url"')],
};

function holdsSeal({ bytes, dialect, operation }: Call): boolean {
  if (operation !== 'chat' && operation !== 'count-tokens') return false;
  const seal = SEALS[dialect];
  return seal !== undefined && bytes.includes(seal.hint) && bytes.includes(seal.whole);
}

/** Whether the target needs media inline and the client may have given an address instead. */
function mayNameMedia({ bytes, dialect, operation }: Call, target: Target): boolean {
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
  return adapt(renamed, target);
}

/** The request in the words of the target's dialect, be it the client's own or another. */
function writeWords(request: ModelRequest, prompt: Prompt, target: Target): Words {
  const { call } = prompt;
  refuseWhatOthersKeep(request, target);
  const written = dialects[target.dialect].writeRequest(request, target.traits);
  // What counts tokens refuses the settings of an answer that its writer puts in.
  const body = target.operation === 'chat' ? written.body : withOnlyKeysOf(call.json(), written.body);
  const receipt = joinReceipts(prompt.unsaid?.(), written.receipt);
  return wordsOf({ ...written, body, receipt }, call, target);
}

/** Half a conversation is no conversation: answering it would look like success. */
function refuseWhatOthersKeep({ keptElsewhere, origin }: ModelRequest, target: Target): void {
  if (keptElsewhere === undefined || target.dialect === origin) return;
  const { field, code } = keptElsewhere;
  throw new GatewayError(
    code,
    `${target.name} cannot continue a ${field} that another provider keeps. Send the whole conversation.`,
    { param: field },
  );
}

function wordsOf(written: WrittenRequest, call: Call, target: Target): Words {
  const { body, dropped } = adapt(written.body, target);
  const renamed = {
    ...(written.toolNames !== undefined && { toolNames: written.toolNames }),
    ...(written.toolCallIds !== undefined && { toolCallIds: written.toolCallIds }),
    ...(written.jsonTool !== undefined && { jsonTool: written.jsonTool }),
  };
  return {
    body: [encode(body)],
    contentType: 'application/json',
    headers: joinHeaders(headersToForward(call.dialect, target.dialect, call.headers), written.headers ?? {}),
    receipt: joinReceipts(written.receipt, { dropped, changed: [] }),
    ...(Object.keys(renamed).length > 0 && { renamed }),
    hidesUsage: mustHideUsage(call, target),
  };
}

function joinReceipts(one: Receipt | undefined, other: Receipt): Receipt {
  if (one === undefined) return other;
  return { dropped: [...one.dropped, ...other.dropped], changed: [...one.changed, ...other.changed] };
}

function adapt(body: JsonObject, { operation, preset }: Target): { body: JsonObject; dropped: string[] } {
  const adapted = preset.adaptRequest?.(body, operation) ?? { body };
  return { body: adapted.body, dropped: adapted.dropped ?? [] };
}

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
