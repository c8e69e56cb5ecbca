/** POST /v1/responses, read into the one request model. */

import { InvalidRequest } from '../dialect.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import type { Message, ModelRequest, ReasoningSettings } from '../request.ts';
import { asNumber, asText, given, objectsOf } from './fields.ts';
import { instructionsMessage } from './instructions.ts';
import { itemsToMessages } from './read-items.ts';
import { readIncludes, readReasoningSetting, readTextSetting } from './settings.ts';
import { readToolChoice, readTools } from './tools.ts';

/** Top-level fields that have a place of their own in the request; all others are kept as extras. */
const READ: ReadonlySet<string> = new Set([
  'model',
  'stream',
  'input',
  'instructions',
  'tools',
  'parallel_tool_calls',
  'max_output_tokens',
  'temperature',
  'top_p',
  'top_logprobs',
  'user',
  'metadata',
  'service_tier',
  'prompt_cache_key',
  'store',
  'previous_response_id',
  'tool_choice',
  'text',
  'reasoning',
  'include',
]);

/**
 * Reads a body of POST /v1/responses. Throws InvalidRequest for what OpenAI refuses among the fields that are read;
 * fields it does not know stay in `extras`.
 */
export function readRequest(body: JsonObject): ModelRequest {
  refuseWrongTypes(body);
  const unread: string[] = [];
  const text = readTextSetting(body['text']);
  const reasoning = readReasoningSetting(body['reasoning']);
  const includes = readIncludes(body['include']);
  const toolChoice = readToolChoice(body['tool_choice']);
  return given<ModelRequest>({
    model: body['model'] as string,
    stream: body['stream'] === true,
    messages: readMessages(body, unread),
    tools: readTools(body['tools'], unread),
    toolChoice,
    parallelToolCalls: asBoolean(body['parallel_tool_calls']),
    maxOutputTokens: asNumber(body['max_output_tokens']),
    temperature: asNumber(body['temperature']),
    topP: asNumber(body['top_p']),
    logprobs: readLogprobs(body['top_logprobs'], includes.wantsLogprobs),
    reasoning: readReasoning(reasoning.settings, includes.wantsEncrypted),
    user: asText(body['user']),
    metadata: isObject(body['metadata']) ? body['metadata'] : undefined,
    serviceTier: asText(body['service_tier']),
    cacheKey: asText(body['prompt_cache_key']),
    store: asBoolean(body['store']),
    previousResponseId: asText(body['previous_response_id']),
    wantsUsage: true,
    origin: 'openai-responses',
    extras: {
      ...unreadFields(body),
      ...given({
        text: text.extra,
        reasoning: reasoning.extra,
        include: includes.others.length > 0 ? includes.others : undefined,
        tool_choice: toolChoice ? undefined : (body['tool_choice'] ?? undefined),
      }),
    },
    unread,
    ...text.fields,
  } as { [K in keyof ModelRequest]: ModelRequest[K] | undefined });
}

function readMessages(body: JsonObject, unread: string[]): Message[] {
  const instructions = asText(body['instructions']);
  const leading = instructions ? [instructionsMessage(instructions)] : [];
  const input = body['input'];
  if (typeof input === 'string') return [...leading, { role: 'user', parts: [{ type: 'text', text: input }] }];
  return [...leading, ...itemsToMessages(objectsOf(input), unread)];
}

function readLogprobs(top: Json | undefined, wanted: boolean): { top?: number } | undefined {
  const alternatives = asNumber(top) ?? 0;
  if (!wanted && alternatives === 0) return undefined;
  return alternatives > 0 ? { top: alternatives } : {};
}

function readReasoning(settings: ReasoningSettings, wantsEncrypted: boolean): ReasoningSettings | undefined {
  const all: ReasoningSettings = wantsEncrypted ? { ...settings, wantsEncrypted } : settings;
  return Object.keys(all).length > 0 ? all : undefined;
}

function unreadFields(body: JsonObject): JsonObject {
  const extras: JsonObject = {};
  for (const [key, value] of Object.entries(body)) {
    if (!READ.has(key) && value !== undefined && value !== null) extras[key] = value;
  }
  return extras;
}

function asBoolean(value: Json | undefined): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

type Check = [field: string, isGood: (value: Json) => boolean, expected: string];

const isInteger = (value: Json): value is number => Number.isInteger(value);
const between = (low: number, high: number) => (value: Json) =>
  typeof value === 'number' && value >= low && value <= high;
const isBoolean = (value: Json) => typeof value === 'boolean';
const isText = (value: Json) => typeof value === 'string';

const CHECKS: Check[] = [
  [
    'input',
    (value) => isText(value) || (Array.isArray(value) && value.every(isObject)),
    'a string or an array of objects',
  ],
  ['instructions', isText, 'a string'],
  ['stream', isBoolean, 'a boolean'],
  ['store', isBoolean, 'a boolean'],
  ['background', isBoolean, 'a boolean'],
  ['parallel_tool_calls', isBoolean, 'a boolean'],
  ['max_output_tokens', (value) => isInteger(value) && value >= 1, 'an integer of at least 1'],
  ['temperature', between(0, 2), 'a number from 0 to 2'],
  ['top_p', between(0, 1), 'a number from 0 to 1'],
  ['top_logprobs', (value) => isInteger(value) && value >= 0 && value <= 20, 'an integer from 0 to 20'],
  ['metadata', isObject, 'an object'],
  ['reasoning', isObject, 'an object'],
  ['text', isObject, 'an object'],
  ['include', Array.isArray, 'an array of strings'],
  ['user', isText, 'a string'],
  ['service_tier', isText, 'a string'],
  ['prompt_cache_key', isText, 'a string'],
  ['previous_response_id', isText, 'a string'],
  ['tool_choice', (value) => isText(value) || isObject(value), 'a string or an object'],
];

function refuseWrongTypes(body: JsonObject): void {
  if (typeof body['model'] !== 'string' || body['model'] === '') {
    throw new InvalidRequest("Missing required parameter: 'model'.", 'model');
  }
  for (const [field, isGood, expected] of CHECKS) {
    const value = body[field];
    if (value !== undefined && value !== null && !isGood(value)) {
      throw new InvalidRequest(`Invalid value for '${field}': expected ${expected}.`, field);
    }
  }
  const sources = ['input', 'previous_response_id', 'prompt', 'conversation'];
  if (!sources.some((field) => body[field] !== undefined && body[field] !== null)) {
    throw new InvalidRequest(`One of '${sources.join("', '")}' must be provided.`, 'input');
  }
  if (body['previous_response_id'] && body['conversation']) {
    const message = "'previous_response_id' cannot be used together with 'conversation'.";
    throw new InvalidRequest(message, 'previous_response_id');
  }
}
