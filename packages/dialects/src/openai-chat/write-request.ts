import { isDeepStrictEqual } from 'node:util';
import { toolPlace, wordOf } from '../client-words.ts';
import type { TargetTraits, WrittenRequest } from '../dialect.ts';
import type { JsonObject } from '../json.ts';
import { createNotes, type Notes } from '../notes.ts';
import type { ModelRequest } from '../request.ts';
import { foreignFields, saidAmong, tellCacheMarks } from '../unsaid.ts';
import { type Renames, renameCalls, renameTools } from './rename.ts';
import { readToolChoice, writeTool, writeToolChoice } from './tools.ts';
import { writeMessages } from './write-messages.ts';
import { writeLimit, writeOutput, writeReasoning, writeSampling } from './write-settings.ts';

/** Extras of other dialects that Chat has the same word for. */
const SHARED_EXTRAS = new Set(['safety_identifier', 'prompt_cache_retention']);
/** The tiers that others name otherwise: their `standard` is the `default` here. */
const SERVICE_TIERS: Record<string, string> = {
  auto: 'auto',
  default: 'default',
  standard: 'default',
  standard_only: 'default',
  flex: 'flex',
  scale: 'scale',
  priority: 'priority',
};

/**
 * Writes a Chat Completions request. A request that came in this dialect goes back field for field as far as the traits
 * allow; of any other the receipt names, in the client's words, what Chat cannot say.
 */
export function writeRequest(request: ModelRequest, traits: TargetTraits): WrittenRequest {
  const notes = createNotes();
  const isOwn = request.origin === 'openai-chat';
  const tools = isOwn ? asTheyAre : renameTools(request);
  const calls = renameCalls(request, traits.toolCallId);
  const body: JsonObject = { model: traits.model };
  body['messages'] = writeMessages({ request, traits, tools, calls, notes, isOwn });
  writeStream(body, request, traits, notes);
  writeTools(body, request, traits, tools, notes);
  writeSampling(body, request, traits, notes);
  writeLimit(body, request, traits, notes);
  writeReasoning(body, request, traits, notes);
  writePlainFields(body, request, notes);
  const schemaText = writeOutput(body, request, traits, notes);
  if (schemaText !== undefined) tellSchema(body['messages'] as JsonObject[], schemaText);
  writeExtras(body, request, notes);
  const result: WrittenRequest = { body, receipt: notes.receipt };
  const toolNames = tools.back();
  const toolCallIds = calls.back();
  if (toolNames) result.toolNames = toolNames;
  if (toolCallIds) result.toolCallIds = toolCallIds;
  return result;
}

/** A chat client's own names were chosen for a chat host. */
const asTheyAre: Renames = { written: (name) => name, back: () => undefined };

/** Usage is always asked for: the gateway books it, whether or not the client wants to see it. */
function writeStream(body: JsonObject, request: ModelRequest, traits: TargetTraits, notes: Notes): void {
  const own =
    request.origin === 'openai-chat' ? (request.extras['stream_options'] as JsonObject | undefined) : undefined;
  if (request.stream) body['stream'] = true;
  if (traits.takesStreamOptions === false) {
    if (own) notes.dropped('stream_options');
    return;
  }
  if (request.stream) body['stream_options'] = { ...own, include_usage: true };
  else if (own || (request.wantsUsage !== undefined && request.origin === 'openai-chat')) {
    body['stream_options'] = {
      ...own,
      ...(request.wantsUsage === undefined ? {} : { include_usage: request.wantsUsage }),
    };
  }
}

function writeTools(body: JsonObject, request: ModelRequest, traits: TargetTraits, names: Renames, notes: Notes): void {
  const isOwn = request.origin === 'openai-chat';
  if (traits.takesTools === false && request.tools.length > 0) {
    notes.dropped(wordOf(request, 'tools'));
    const demand = request.toolChoice?.type;
    if (demand !== undefined && demand !== 'auto' && demand !== 'none') notes.dropped(wordOf(request, 'toolChoice'));
    return;
  }
  const tools: JsonObject[] = [];
  const functions: JsonObject[] = [];
  for (const [at, tool] of request.tools.entries()) {
    const place = toolPlace(request, at);
    if (tool.type === 'hosted') {
      if (tool.origin === 'openai-chat') tools.push(tool.value);
      else notes.dropped(`${place} (${tool.label})`);
      continue;
    }
    const isLegacy = isOwn && tool.wording?.['field'] === 'functions';
    (isLegacy ? functions : tools).push(writeTool(tool, names.written(tool.name), isOwn));
  }
  if (tools.length > 0) body['tools'] = tools;
  if (functions.length > 0) body['functions'] = functions;
  writeChoice(body, request, names);
  // Refused by OpenAI where no tools are declared; a chat client said so itself.
  const hasTools = tools.length > 0 || isOwn;
  if (request.parallelToolCalls !== undefined && hasTools) body['parallel_tool_calls'] = request.parallelToolCalls;
}

function writeChoice(body: JsonObject, request: ModelRequest, names: Renames): void {
  const choice = request.toolChoice;
  if (!choice) return;
  const isOwn = request.origin === 'openai-chat';
  for (const field of ['tool_choice', 'function_call']) {
    const told = request.wording?.[field];
    if (!isOwn || told === undefined || !isDeepStrictEqual(readToolChoice(told), choice)) continue;
    body[field] = told;
    return;
  }
  if (isOwn || body['tools'] !== undefined) {
    body['tool_choice'] = writeToolChoice(choice, request, (name) => names.written(name));
  }
}

function writePlainFields(body: JsonObject, request: ModelRequest, notes: Notes): void {
  const isOwn = request.origin === 'openai-chat';
  const put = (name: string, value: JsonObject[string]) => {
    if (value !== undefined) body[name] = value;
  };
  put('seed', request.seed);
  put(
    'stop',
    isOwn && request.stop?.length === 1 && request.stop[0] === request.wording?.['stop']
      ? request.stop[0]
      : request.stop,
  );
  put('n', request.choices);
  put('logprobs', request.logprobs && true);
  put('top_logprobs', request.logprobs?.top);
  put('logit_bias', request.logitBias);
  put('verbosity', request.verbosity);
  put('modalities', request.modalities);
  put('audio', request.audio);
  put('user', request.user);
  put('metadata', request.metadata);
  put('prompt_cache_key', request.cacheKey);
  // What the Responses API calls `store` is kept by the gateway itself; a chat host is not asked to.
  if (isOwn) put('store', request.store);
  const tier = request.serviceTier;
  const known = tier === undefined || isOwn ? tier : SERVICE_TIERS[tier];
  put('service_tier', known);
  if (known !== tier && known === undefined) notes.dropped(`${wordOf(request, 'serviceTier')} ${tier}`);
  for (const word of saidAmong(request, ['previousResponseId'])) notes.dropped(word);
}

function writeExtras(body: JsonObject, request: ModelRequest, notes: Notes): void {
  const isOwn = request.origin === 'openai-chat';
  for (const [name, value] of Object.entries(request.extras)) {
    if (isOwn ? name !== 'stream_options' : SHARED_EXTRAS.has(name)) body[name] = value;
  }
  if (!isOwn) tellCacheMarks(request, notes);
  if (!isOwn) for (const path of foreignFields(request, (name) => SHARED_EXTRAS.has(name))) notes.dropped(path);
}

/** Behind the leading system messages, so that the prefix before it stays what it was. */
function tellSchema(messages: JsonObject[], text: string): void {
  const leading = messages.findIndex(({ role }) => role !== 'system' && role !== 'developer');
  messages.splice(leading < 0 ? messages.length : leading, 0, { role: 'system', content: text });
}
