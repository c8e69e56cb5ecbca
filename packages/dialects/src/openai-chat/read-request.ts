import { isObject, type Json, type JsonObject } from '../json.ts';
import type { ModelRequest, OutputFormat } from '../request.ts';
import {
  missing,
  readBoolean,
  readInteger,
  readList,
  readNumber,
  readObject,
  readString,
  restOf,
  wrongType,
} from './check-fields.ts';
import { readMessages } from './read-messages.ts';
import { isEffort, REASONING_FIELDS, readReasoningSettings } from './read-reasoning.ts';
import { readToolChoice, readTools } from './tools.ts';

/** Fields with a place of their own in the request; the others are its extras. */
const READ = new Set([
  ...['model', 'messages', 'stream', 'tools', 'functions', 'parallel_tool_calls', 'temperature', 'top_p', 'top_k'],
  ...['min_p', 'frequency_penalty', 'presence_penalty', 'seed', 'stop', 'n', 'logit_bias', 'verbosity', 'modalities'],
  ...['audio', 'user', 'metadata', 'service_tier', 'prompt_cache_key', 'store', 'stream_options'],
]);

const INTEGERS = { top_k: 'topK', seed: 'seed', n: 'choices' } as const;
const NUMBERS = {
  temperature: 'temperature',
  top_p: 'topP',
  min_p: 'minP',
  frequency_penalty: 'frequencyPenalty',
  presence_penalty: 'presencePenalty',
} as const;
const STRINGS = {
  verbosity: 'verbosity',
  user: 'user',
  service_tier: 'serviceTier',
  prompt_cache_key: 'cacheKey',
} as const;
const OBJECTS = { logit_bias: 'logitBias', audio: 'audio', metadata: 'metadata' } as const;
const BOOLEANS = { parallel_tool_calls: 'parallelToolCalls', store: 'store' } as const;

/** Reads a Chat Completions request, with what compatible hosts add. Throws InvalidRequest with OpenAI's `param`. */
export function readRequest(body: JsonObject): ModelRequest {
  const unread: string[] = [];
  const noteUnread = (path: string) => {
    unread.push(path);
  };
  const messages = readMessages(body, noteUnread);
  const model = readString(body, 'model');
  if (model === undefined) throw missing('model');
  const request: ModelRequest = {
    model,
    stream: readBoolean(body, 'stream') ?? false,
    messages,
    tools: readTools(body, noteUnread),
    origin: 'openai-chat',
    extras: {},
    unread,
  };
  readPlainFields(body, request);
  const read = new Set(READ);
  for (const take of [readLimit, readStop, readLogprobs, readOutput, readChoice, readReasoning])
    take(body, request, read);
  Object.assign(request.extras, restOf(body, read));
  readStreamOptions(body, request);
  return request;
}

function readPlainFields(body: JsonObject, request: ModelRequest): void {
  const put = (field: keyof ModelRequest, value: unknown) => {
    if (value !== undefined) Object.assign(request, { [field]: value });
  };
  for (const [name, field] of Object.entries(NUMBERS)) put(field, readNumber(body, name));
  for (const [name, field] of Object.entries(INTEGERS)) put(field, readInteger(body, name));
  for (const [name, field] of Object.entries(STRINGS)) put(field, readString(body, name));
  for (const [name, field] of Object.entries(OBJECTS)) put(field, readObject(body, name));
  for (const [name, field] of Object.entries(BOOLEANS)) put(field, readBoolean(body, name));
  const modalities = readList(body, 'modalities');
  if (modalities) request.modalities = modalities.map(String);
}

type Take = (body: JsonObject, request: ModelRequest, read: Set<string>) => void;

/** Remembers the client's own words for a field that can be worded in several ways. */
function keepWording(request: ModelRequest, words: JsonObject): void {
  request.wording = { ...request.wording, ...words };
}

const readLimit: Take = (body, request, read) => {
  const modern = readInteger(body, 'max_completion_tokens');
  const limit = modern ?? readInteger(body, 'max_tokens');
  if (limit === undefined) return;
  request.maxOutputTokens = limit;
  const name = modern === undefined ? 'max_tokens' : 'max_completion_tokens';
  keepWording(request, { maxTokensField: name });
  read.add(name);
};

const readStop: Take = (body, request) => {
  const stop = body['stop'] ?? undefined;
  if (stop === undefined) return;
  if (typeof stop === 'string') {
    request.stop = [stop];
    keepWording(request, { stop });
    return;
  }
  if (!Array.isArray(stop) || !stop.every((item) => typeof item === 'string')) {
    throw wrongType('stop', 'one of a string or array of strings', stop);
  }
  request.stop = stop;
};

const readLogprobs: Take = (body, request, read) => {
  if (typeof body['logprobs'] === 'boolean') read.add('logprobs');
  if (body['logprobs'] !== true) return;
  const top = readInteger(body, 'top_logprobs');
  request.logprobs = top === undefined ? {} : { top };
  read.add('top_logprobs');
};

const readOutput: Take = (body, request, read) => {
  const format = readObject(body, 'response_format');
  const output = format && readOutputFormat(format);
  if (!format || !output) return;
  request.output = output;
  keepWording(request, { response_format: format });
  read.add('response_format');
};

/** The format; undefined for one that only the host itself knows. */
export function readOutputFormat(format: JsonObject): OutputFormat | undefined {
  const type = format['type'];
  if (type === 'text') return { type: 'text' };
  if (type === 'json_object') return { type: 'json' };
  const inner = format['json_schema'];
  if (type !== 'json_schema' || !isObject(inner) || !isObject(inner['schema'])) return undefined;
  const output: OutputFormat = {
    type: 'json-schema',
    name: readString(inner, 'name', 'response_format.json_schema.name') ?? 'response',
    schema: inner['schema'],
  };
  const strict = readBoolean(inner, 'strict', 'response_format.json_schema.strict');
  if (strict !== undefined) output.strict = strict;
  const description = readString(inner, 'description', 'response_format.json_schema.description');
  if (description !== undefined) output.description = description;
  return output;
}

const readChoice: Take = (body, request, read) => {
  for (const name of ['tool_choice', 'function_call']) {
    const value: Json | undefined = body[name] ?? undefined;
    const choice = readToolChoice(value);
    if (value === undefined || !choice) continue;
    request.toolChoice = choice;
    keepWording(request, { [name]: value });
    read.add(name);
    return;
  }
};

/** Fields whose words are not all understood stay extras as well, so that no other dialect passes over them in silence. */
const readReasoning: Take = (body, request, read) => {
  const settings = readReasoningSettings(body);
  if (!settings) return;
  request.reasoning = settings;
  for (const name of REASONING_FIELDS) {
    const value = body[name] ?? undefined;
    if (value === undefined || readReasoningSettings({ [name]: value }) === undefined) continue;
    keepWording(request, { [name]: value });
    read.add(name);
    if (!isObject(value)) continue;
    for (const key of Object.keys(value)) {
      const isRead = READ_IN_REASONING.has(key) && (key !== 'effort' || isEffort(value[key]));
      if (!isRead) request.unread.push(`${name}.${key}`);
    }
  }
};

const READ_IN_REASONING = new Set(['type', 'effort', 'max_tokens', 'budget_tokens', 'enabled', 'summary']);

function readStreamOptions(body: JsonObject, request: ModelRequest): void {
  const options = readObject(body, 'stream_options');
  if (!options) return;
  const wantsUsage = readBoolean(options, 'include_usage', 'stream_options.include_usage');
  if (wantsUsage !== undefined) request.wantsUsage = wantsUsage;
  const rest = restOf(options, new Set(['include_usage']));
  if (rest) request.extras['stream_options'] = rest;
}
