/** The one request model, written as a body of POST /v1/responses. */

import type { TargetTraits, WrittenRequest } from '../dialect.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { emptyReceipt, type Receipt } from '../receipt.ts';
import type { Message, ModelRequest, Tool } from '../request.ts';
import { given, present } from './fields.ts';
import { instructionsOf } from './instructions.ts';
import { regroup } from './namespaces.ts';
import { WANTS_ENCRYPTED, WANTS_LOGPROBS, writeFormat } from './settings.ts';
import { createTargetNames, type TargetNames } from './target-names.ts';
import { writeCustomTool, writeFunctionTool, writeToolChoice } from './tools.ts';
import { messagesToItems } from './write-items.ts';
import { writeReasoningSettings } from './write-reasoning-settings.ts';

/** OpenAI refuses a smaller limit. */
const LEAST_OUTPUT_TOKENS = 16;
const SERVICE_TIERS: ReadonlySet<string> = new Set(['auto', 'default', 'flex', 'scale', 'priority']);
/** Fields of OpenAI Chat that are called the same here. */
const SHARED_WITH_CHAT: ReadonlySet<string> = new Set([
  'safety_identifier',
  'prompt_cache_retention',
  'prompt_cache_options',
  'moderation',
]);

interface Writing {
  request: ModelRequest;
  traits: TargetTraits;
  isForeign: boolean;
  receipt: Receipt;
  names: TargetNames;
}

/** A request of this dialect comes back meaning the same; of any other, the receipt says what was left behind. */
export function writeRequest(request: ModelRequest, traits: TargetTraits): WrittenRequest {
  const isForeign = request.origin !== 'openai-responses';
  const toolNames = request.tools.flatMap((tool) => (tool.type === 'hosted' ? [] : [tool.name]));
  const names = createTargetNames(isForeign, toolNames);
  const writing: Writing = { request, traits, isForeign, receipt: emptyReceipt(), names };
  const body = given<JsonObject>({
    model: traits.model,
    ...writeConversation(writing),
    ...writeToolFields(writing),
    ...writeLimits(writing),
    text: writeText(writing),
    reasoning: writeReasoningSettings(request, traits, writing.receipt),
    include: writeInclude(writing),
    ...writeBookkeeping(writing),
    ...writeExtras(writing),
    stream: request.stream,
  });
  noteUnsayable(writing);
  return given<WrittenRequest>({
    body,
    receipt: writing.receipt,
    toolNames: names.changedNames.size > 0 ? names.changedNames : undefined,
    toolCallIds: names.changedCallIds.size > 0 ? names.changedCallIds : undefined,
  });
}

function writeConversation({ request, traits, isForeign, receipt, names }: Writing): JsonObject {
  const leading = isForeign ? undefined : request.messages.find((message) => instructionsOf(message) !== undefined);
  const instructions = instructionsOf(leading);
  const messages = request.messages.filter((message) => message !== leading);
  const knowsFileIds = !isForeign || request.origin === 'openai-chat';
  const known = traits.takesDeveloperRole === false ? messages.map(withoutDeveloper) : messages;
  const input = messagesToItems(known, { isForeign, knowsFileIds, receipt, names });
  // Without input there is something else to answer: a stored response, a conversation, a prompt.
  return given<JsonObject>({ instructions, input: input.length > 0 || isForeign ? input : undefined });
}

function withoutDeveloper(message: Message): Message {
  return message.role === 'developer' ? { ...message, role: 'system' } : message;
}

function writeToolFields(writing: Writing): JsonObject {
  const { request, traits, receipt, names } = writing;
  if (traits.takesTools === false) {
    if (request.tools.length > 0) receipt.dropped.push('tools');
    return {};
  }
  const tools = writeTools(writing);
  const canChoose = tools.length > 0 || !writing.isForeign;
  const choice = request.toolChoice;
  return given<JsonObject>({
    tools: tools.length > 0 ? tools : undefined,
    tool_choice: choice && canChoose ? writeToolChoice(choice, request.tools, names.name) : undefined,
    parallel_tool_calls: canChoose ? request.parallelToolCalls : undefined,
  });
}

function writeTools(writing: Writing): JsonObject[] {
  const tools = writing.request.tools.map((tool, index) => {
    const written = writeTool(tool, index, writing);
    return written && { tool, written };
  });
  return regroup(present(tools));
}

function writeTool(tool: Tool, index: number, { isForeign, receipt, names }: Writing): JsonObject | undefined {
  if (tool.type === 'hosted') {
    if (tool.origin === 'openai-responses') return tool.value;
    receipt.dropped.push(`tools[${index}] (${tool.label})`);
    return undefined;
  }
  if (isForeign) {
    for (const key of Object.keys(tool.extras ?? {})) receipt.dropped.push(`tools[${index}].${key}`);
  }
  const name = names.name(tool.name);
  if (name !== tool.name) receipt.changed.push(`tools[${index}].name ${tool.name}→${name}`);
  return tool.type === 'custom' ? writeCustomTool(tool, name, isForeign) : writeFunctionTool(tool, name, isForeign);
}

function writeLimits({ request, traits, isForeign, receipt }: Writing): JsonObject {
  if (traits.takesSampling === false) {
    if (request.temperature !== undefined) receipt.dropped.push('temperature');
    if (request.topP !== undefined) receipt.dropped.push('top_p');
  }
  const sampling =
    traits.takesSampling === false ? {} : { temperature: temperature(request, receipt), top_p: request.topP };
  return given<JsonObject>({
    max_output_tokens: outputLimit(request.maxOutputTokens, traits, isForeign, receipt),
    ...sampling,
    top_logprobs: request.logprobs?.top,
  });
}

function temperature(request: ModelRequest, receipt: Receipt): number | undefined {
  if (request.temperature === undefined || request.temperature <= 2) return request.temperature;
  receipt.changed.push(`temperature ${request.temperature}→2`);
  return 2;
}

function outputLimit(asked: number | undefined, traits: TargetTraits, isForeign: boolean, receipt: Receipt) {
  if (asked === undefined) return undefined;
  const least = isForeign ? Math.max(asked, LEAST_OUTPUT_TOKENS) : asked;
  const limit = Math.min(least, traits.maxOutputTokens ?? Number.POSITIVE_INFINITY);
  if (limit !== asked) receipt.changed.push(`max_tokens ${asked}→${limit}`);
  return limit;
}

function writeText({ request, traits, isForeign, receipt }: Writing): JsonObject | undefined {
  const own = isForeign ? undefined : request.extras['text'];
  const text = given<JsonObject>({
    ...(isObject(own) ? own : undefined),
    format: request.output && writeOutput(request, traits, receipt),
    verbosity: request.verbosity,
  });
  if (!isObject(own) || !isObject(own['format'])) return Object.keys(text).length > 0 ? text : undefined;
  return { ...text, format: own['format'] };
}

function writeOutput(request: ModelRequest, traits: TargetTraits, receipt: Receipt): JsonObject | undefined {
  if (request.output?.type !== 'json-schema' || traits.takesJsonSchema !== false) {
    return request.output && writeFormat(request.output);
  }
  receipt.changed.push('response_format json_schema→json_object');
  return { type: 'json_object' };
}

function writeInclude({ request, traits, isForeign }: Writing): Json | undefined {
  const others = isForeign ? [] : (request.extras['include'] ?? []);
  const wanted: Json[] = Array.isArray(others) ? [...others] : [];
  if (isForeign ? canEncrypt(request, traits) : request.reasoning?.wantsEncrypted) wanted.push(WANTS_ENCRYPTED);
  if (request.logprobs) wanted.push(WANTS_LOGPROBS);
  return wanted.length > 0 ? wanted : undefined;
}

/** A model that does not reason refuses the wish, so an unknown one is asked only if the client wants it to reason. */
function canEncrypt({ reasoning }: ModelRequest, traits: TargetTraits): boolean {
  if (traits.reasoning !== undefined) return traits.reasoning !== 'none';
  if (reasoning?.enabled === false || reasoning?.effort === 'none') return false;
  return reasoning?.effort !== undefined || reasoning?.budgetTokens !== undefined || reasoning?.wantsEncrypted === true;
}

function writeBookkeeping({ request, isForeign, receipt }: Writing): JsonObject {
  return given<JsonObject>({
    user: request.user,
    metadata: writeMetadata(request, isForeign, receipt),
    service_tier: writeServiceTier(request, isForeign, receipt),
    prompt_cache_key: request.cacheKey,
    // Who asks over another dialect has not asked for the answer to be kept.
    store: request.store ?? (isForeign ? false : undefined),
    previous_response_id: isForeign ? undefined : request.previousResponseId,
  });
}

function writeMetadata({ metadata }: ModelRequest, isForeign: boolean, receipt: Receipt): JsonObject | undefined {
  if (metadata === undefined || !isForeign) return metadata;
  if (Object.values(metadata).every((value) => typeof value === 'string')) return metadata;
  receipt.dropped.push('metadata');
  return undefined;
}

function writeServiceTier({ serviceTier }: ModelRequest, isForeign: boolean, receipt: Receipt): string | undefined {
  if (serviceTier === undefined || !isForeign || SERVICE_TIERS.has(serviceTier)) return serviceTier;
  // Anthropic's word for "no priority capacity".
  if (serviceTier !== 'standard_only') receipt.dropped.push('service_tier');
  else receipt.changed.push('service_tier standard_only→default');
  return serviceTier === 'standard_only' ? 'default' : undefined;
}

function writeExtras({ request, isForeign, receipt }: Writing): JsonObject {
  const written: JsonObject = {};
  for (const [key, value] of Object.entries(request.extras)) {
    if (!isForeign && (key === 'text' || key === 'reasoning' || key === 'include')) continue;
    if (!isForeign || (request.origin === 'openai-chat' && SHARED_WITH_CHAT.has(key))) written[key] = value;
    else receipt.dropped.push(key);
  }
  return written;
}

/** Settings that the Responses API has no word for. */
function noteUnsayable({ request, isForeign, receipt }: Writing): void {
  const settings: [string, unknown][] = [
    ['top_k', request.topK],
    ['min_p', request.minP],
    ['frequency_penalty', request.frequencyPenalty],
    ['presence_penalty', request.presencePenalty],
    ['seed', request.seed],
    ['stop', request.stop?.length ? request.stop : undefined],
    ['n', request.choices === 1 ? undefined : request.choices],
    ['logit_bias', request.logitBias],
    ['modalities', request.modalities?.some((kind) => kind !== 'text') ? request.modalities : undefined],
    ['audio', request.audio],
    ['previous_response_id', isForeign ? request.previousResponseId : undefined],
  ];
  for (const [name, value] of settings) if (value !== undefined) receipt.dropped.push(name);
  if (isForeign) receipt.dropped.push(...request.unread);
}
