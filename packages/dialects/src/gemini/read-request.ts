import { isObject, type Json, type JsonObject } from '../json.ts';
import type { ModelRequest, OutputFormat, ToolChoice } from '../request.ts';
import { defined, flagOf, numberOf, objectOf, textOf, textsOf } from './fields.ts';
import { readContents, readSystem } from './read-contents.ts';
import { readTools } from './read-tools.ts';
import { readSchema } from './schema-read.ts';
import { toCamelCase } from './spelling.ts';
import { readThinking } from './thinking.ts';

/** Top-level fields with a place in ModelRequest. */
const READ = new Set([
  'model',
  'stream',
  'contents',
  'systemInstruction',
  'tools',
  'toolConfig',
  'generationConfig',
  'serviceTier',
]);

/** Fields of `generationConfig` with a place in ModelRequest. */
const READ_CONFIG = new Set([
  'stopSequences',
  'candidateCount',
  'maxOutputTokens',
  'temperature',
  'topP',
  'topK',
  'seed',
  'presencePenalty',
  'frequencyPenalty',
  'responseLogprobs',
  'logprobs',
  'responseModalities',
  'responseMimeType',
  'responseSchema',
  'responseJsonSchema',
  'thinkingConfig',
]);

/**
 * Reads a generateContent request. The model and whether to stream stand in the path: `model` is empty unless the body
 * names one, and the gateway sets both. Fields within `generationConfig` and `toolConfig` that have no place here go
 * to `extras` under their path, such as `generationConfig.speechConfig`.
 */
export function readRequest(body: JsonObject): ModelRequest {
  const told = toCamelCase(body);
  const unread: string[] = [];
  const parameters: JsonObject = {};
  const extras: JsonObject = {};
  for (const [key, value] of Object.entries(told)) if (!READ.has(key)) extras[key] = value;
  const config = objectOf(told['generationConfig']) ?? {};
  keep(extras, 'generationConfig', config, READ_CONFIG);
  const toolChoice = readToolConfig(objectOf(told['toolConfig']) ?? {}, extras);
  return defined({
    model: textOf(told['model'])?.replace(/^models\//, '') ?? '',
    stream: told['stream'] === true,
    messages: [...readSystem(told['systemInstruction'], unread), ...readContents(told['contents'], unread)],
    tools: readTools(told['tools'], unread, parameters),
    toolChoice,
    maxOutputTokens: numberOf(config['maxOutputTokens']),
    temperature: numberOf(config['temperature']),
    topP: numberOf(config['topP']),
    topK: numberOf(config['topK']),
    frequencyPenalty: numberOf(config['frequencyPenalty']),
    presencePenalty: numberOf(config['presencePenalty']),
    seed: numberOf(config['seed']),
    stop: textsOf(config['stopSequences']),
    choices: numberOf(config['candidateCount']),
    logprobs: readLogprobs(config),
    output: readOutput(config, extras),
    reasoning: readThinking(objectOf(config['thinkingConfig']) ?? {}),
    modalities: textsOf(config['responseModalities'])?.map((modality) => modality.toLowerCase()),
    serviceTier: textOf(told['serviceTier']),
    wantsUsage: true,
    origin: 'gemini' as const,
    extras,
    unread,
    wording: wordingOf(parameters, config['responseSchema']),
  });
}

function keep(extras: JsonObject, path: string, fields: JsonObject, read: ReadonlySet<string>): void {
  for (const [key, value] of Object.entries(fields)) if (!read.has(key)) extras[`${path}.${key}`] = value;
}

function readLogprobs(config: JsonObject): { top?: number } | undefined {
  if (flagOf(config['responseLogprobs']) !== true) return undefined;
  return defined({ top: numberOf(config['logprobs']) });
}

/** `text/x.enum`, an answer that is one bare word of the schema's list, is known to Gemini alone. */
function readOutput(config: JsonObject, extras: JsonObject): OutputFormat | undefined {
  const type = textOf(config['responseMimeType']);
  if (type === 'text/plain') return { type: 'text' };
  const schema = config['responseJsonSchema'] ?? asJsonSchema(config['responseSchema']);
  if (type === undefined && schema === undefined) return undefined;
  if (type !== undefined && type !== 'application/json') {
    keep(
      extras,
      'generationConfig',
      pick(config, ['responseMimeType', 'responseSchema', 'responseJsonSchema']),
      new Set(),
    );
    return undefined;
  }
  return isObject(schema) ? { type: 'json-schema', name: 'response', schema } : { type: 'json' };
}

function asJsonSchema(schema: Json | undefined): JsonObject | undefined {
  return isObject(schema) ? readSchema(schema) : undefined;
}

function pick(fields: JsonObject, keys: string[]): JsonObject {
  return Object.fromEntries(keys.filter((key) => fields[key] !== undefined).map((key) => [key, fields[key]]));
}

function readToolConfig(config: JsonObject, extras: JsonObject): ToolChoice | undefined {
  keep(extras, 'toolConfig', config, new Set(['functionCallingConfig']));
  const calling = objectOf(config['functionCallingConfig']);
  if (calling === undefined) return undefined;
  const path = 'toolConfig.functionCallingConfig';
  keep(extras, path, calling, new Set(['mode', 'allowedFunctionNames']));
  const names = textsOf(calling['allowedFunctionNames']) ?? [];
  switch (textOf(calling['mode'])?.toUpperCase()) {
    case 'NONE':
      return { type: 'none' };
    case 'ANY':
      if (names.length === 0) return { type: 'required' };
      return names.length === 1 ? { type: 'tool', name: names[0]! } : { type: 'allowed', mode: 'required', names };
    case 'VALIDATED':
      // With names, VALIDATED is the only mode that means "one of these or none"; without, it holds calls to the schema.
      if (names.length > 0) return { type: 'allowed', mode: 'auto', names };
      extras[`${path}.mode`] = 'VALIDATED';
      return { type: 'auto' };
    default:
      if (names.length > 0) extras[`${path}.allowedFunctionNames`] = names;
      return { type: 'auto' };
  }
}

/** Schemas in Gemini's own language, which the same dialect writes back as they were. */
function wordingOf(parameters: JsonObject, responseSchema: Json | undefined): JsonObject | undefined {
  if (Object.keys(parameters).length === 0 && responseSchema === undefined) return undefined;
  return responseSchema === undefined ? { parameters } : { parameters, responseSchema };
}
