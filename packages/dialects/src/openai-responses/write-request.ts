/** The one request model, written as a body of POST /v1/responses. */

import { type Setting, toolPlace, wordOf } from '../client-words.ts';
import type { TargetTraits, WrittenRequest } from '../dialect.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { createNotes, type Notes } from '../notes.ts';
import type { Message, ModelRequest, Tool } from '../request.ts';
import { foreignFields, saidAmong, tellCacheMarks } from '../unsaid.ts';
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
/** What others call `standard` is the `default` here. */
const SERVICE_TIERS: Record<string, string> = {
  auto: 'auto',
  default: 'default',
  standard: 'default',
  standard_only: 'default',
  flex: 'flex',
  scale: 'scale',
  priority: 'priority',
};
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
  notes: Notes;
  names: TargetNames;
}

/** A request of this dialect comes back meaning the same; of any other, the notes says what was left behind. */
export function writeRequest(request: ModelRequest, traits: TargetTraits): WrittenRequest {
  const isForeign = request.origin !== 'openai-responses';
  const toolNames = request.tools.flatMap((tool) => (tool.type === 'hosted' ? [] : [tool.name]));
  const names = createTargetNames(isForeign, toolNames);
  const writing: Writing = { request, traits, isForeign, notes: createNotes(), names };
  const body = given<JsonObject>({
    model: traits.model,
    ...writeConversation(writing),
    ...writeToolFields(writing),
    ...writeLimits(writing),
    text: writeText(writing),
    reasoning: writeReasoningSettings(request, traits, writing.notes),
    include: writeInclude(writing),
    ...writeBookkeeping(writing),
    ...writeExtras(writing),
    stream: request.stream,
  });
  noteUnsayable(writing);
  return given<WrittenRequest>({
    body,
    receipt: writing.notes.receipt,
    toolNames: names.changedNames.size > 0 ? names.changedNames : undefined,
    toolCallIds: names.changedCallIds.size > 0 ? names.changedCallIds : undefined,
  });
}

function writeConversation({ request, traits, isForeign, notes, names }: Writing): JsonObject {
  const leading = isForeign ? undefined : request.messages.find((message) => instructionsOf(message) !== undefined);
  const instructions = instructionsOf(leading);
  const messages = request.messages.filter((message) => message !== leading);
  const knowsFileIds = !isForeign || request.origin === 'openai-chat';
  const known = traits.takesDeveloperRole === false ? messages.map(withoutDeveloper) : messages;
  const input = messagesToItems(known, { request, isForeign, knowsFileIds, notes, names });
  // Without input there is something else to answer: a stored response, a conversation, a prompt.
  return given<JsonObject>({ instructions, input: input.length > 0 || isForeign ? input : undefined });
}

function withoutDeveloper(message: Message): Message {
  return message.role === 'developer' ? { ...message, role: 'system' } : message;
}

function writeToolFields(writing: Writing): JsonObject {
  const { request, traits, notes, names } = writing;
  if (traits.takesTools === false) {
    if (request.tools.length > 0) notes.dropped(wordOf(request, 'tools'));
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

function writeTool(tool: Tool, index: number, { request, isForeign, notes, names }: Writing): JsonObject | undefined {
  if (tool.type === 'hosted') {
    if (tool.origin === 'openai-responses') return tool.value;
    notes.dropped(`${toolPlace(request, index)} (${tool.label})`);
    return undefined;
  }
  const name = names.name(tool.name);
  return tool.type === 'custom' ? writeCustomTool(tool, name, isForeign) : writeFunctionTool(tool, name, isForeign);
}

function writeLimits({ request, traits, notes }: Writing): JsonObject {
  if (traits.takesSampling === false) {
    for (const word of saidAmong(request, ['temperature', 'topP'])) notes.dropped(`${word} (not taken by the model)`);
  }
  const sampling =
    traits.takesSampling === false ? {} : { temperature: temperature(request, notes), top_p: request.topP };
  return given<JsonObject>({
    max_output_tokens: outputLimit(request, traits, notes),
    ...sampling,
    top_logprobs: request.logprobs?.top,
  });
}

function temperature(request: ModelRequest, notes: Notes): number | undefined {
  if (request.temperature === undefined) return undefined;
  const within = Math.min(2, Math.max(0, request.temperature));
  if (within !== request.temperature) {
    notes.changed(`${wordOf(request, 'temperature')} ${request.temperature}→${within}`);
  }
  return within;
}

function outputLimit(request: ModelRequest, traits: TargetTraits, notes: Notes): number | undefined {
  const asked = request.maxOutputTokens;
  if (asked === undefined) return undefined;
  const least = request.origin !== 'openai-responses' ? Math.max(asked, LEAST_OUTPUT_TOKENS) : asked;
  const limit = Math.min(least, traits.maxOutputTokens ?? Number.POSITIVE_INFINITY);
  if (limit !== asked) notes.changed(`${wordOf(request, 'maxOutputTokens')} ${asked}→${limit}`);
  return limit;
}

function writeText({ request, traits, isForeign, notes }: Writing): JsonObject | undefined {
  const own = isForeign ? undefined : request.extras['text'];
  const text = given<JsonObject>({
    ...(isObject(own) ? own : undefined),
    format: request.output && writeOutput(request, traits, notes),
    verbosity: request.verbosity,
  });
  if (!isObject(own) || !isObject(own['format'])) return Object.keys(text).length > 0 ? text : undefined;
  return { ...text, format: own['format'] };
}

function writeOutput(request: ModelRequest, traits: TargetTraits, notes: Notes): JsonObject | undefined {
  if (request.output?.type !== 'json-schema' || traits.takesJsonSchema !== false) {
    return request.output && writeFormat(request.output);
  }
  notes.changed(`${wordOf(request, 'output')} json_schema→json_object`);
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

function writeBookkeeping({ request, isForeign, notes }: Writing): JsonObject {
  return given<JsonObject>({
    user: request.user,
    metadata: writeMetadata(request, isForeign, notes),
    service_tier: writeServiceTier(request, isForeign, notes),
    prompt_cache_key: request.cacheKey,
    // Who asks over another dialect has not asked for the answer to be kept.
    store: request.store ?? (isForeign ? false : undefined),
    previous_response_id: isForeign ? undefined : request.previousResponseId,
  });
}

/** OpenAI takes texts alone. */
function writeMetadata(request: ModelRequest, isForeign: boolean, notes: Notes): JsonObject | undefined {
  const { metadata } = request;
  if (metadata === undefined || !isForeign) return metadata;
  if (Object.values(metadata).every((value) => typeof value === 'string')) return metadata;
  notes.dropped(wordOf(request, 'metadata'));
  return undefined;
}

function writeServiceTier(request: ModelRequest, isForeign: boolean, notes: Notes): string | undefined {
  const { serviceTier } = request;
  if (serviceTier === undefined || !isForeign) return serviceTier;
  const tier = SERVICE_TIERS[serviceTier];
  if (tier === undefined) notes.dropped(`${wordOf(request, 'serviceTier')} ${serviceTier}`);
  return tier;
}

function writeExtras({ request, isForeign }: Writing): JsonObject {
  const written: JsonObject = {};
  for (const [key, value] of Object.entries(request.extras)) {
    if (!isForeign && (key === 'text' || key === 'reasoning' || key === 'include')) continue;
    if (!isForeign || isShared(request, key)) written[key] = value;
  }
  return written;
}

function isShared({ origin }: ModelRequest, key: string): boolean {
  return origin === 'openai-chat' && SHARED_WITH_CHAT.has(key);
}

/** Settings that the Responses API has no word for. */
const UNSAYABLE: Setting[] = [
  ...(['topK', 'minP', 'frequencyPenalty', 'presencePenalty', 'seed', 'stop', 'choices', 'logitBias'] as const),
  ...(['modalities', 'audio'] as const),
];

function noteUnsayable({ request, isForeign, notes }: Writing): void {
  for (const word of saidAmong(request, UNSAYABLE)) notes.dropped(word);
  if (!isForeign) return;
  for (const word of saidAmong(request, ['previousResponseId'])) notes.dropped(word);
  tellCacheMarks(request, notes);
  for (const path of foreignFields(request, (key) => isShared(request, key))) notes.dropped(path);
}
