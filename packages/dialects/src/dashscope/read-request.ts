import { readOutputFormat, readToolChoice } from '../chat-words.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { keepExtras, readPlainRequest, takeSettings } from '../plain-chat.ts';
import type { ModelRequest } from '../request.ts';
import { SETTINGS } from './write-request.ts';

const NAMES = { ...SETTINGS, maxOutputTokens: 'max_tokens', parallelToolCalls: 'parallel_tool_calls' } as const;

/** Reads a request of text or multimodal generation. Whether to stream stands in a header; `incremental_output` comes with it. */
export function readRequest(body: JsonObject): ModelRequest {
  const { model: _, input, parameters, ...fields } = body;
  const asked: JsonObject = isObject(input) ? input : {};
  const said: JsonObject = isObject(parameters) ? parameters : {};
  const { messages, ...beside } = asked;
  const request = readPlainRequest(body, {
    origin: 'dashscope',
    messages: Array.isArray(messages) ? messages.map(sharedWords) : messages,
    tools: Array.isArray(said['tools']) ? said['tools'].map(withSchema) : said['tools'],
  });
  request.stream = said['incremental_output'] === true;
  const rest = takeSettings(said, NAMES, request);
  for (const known of ['result_format', 'incremental_output', 'tools']) delete rest[known];
  readThinking(rest, request);
  readFormats(rest, request);
  keepExtras(fields, request);
  if (Object.keys(beside).length > 0) request.extras['input'] = beside;
  if (Object.keys(rest).length > 0) request.extras['parameters'] = rest;
  return request;
}

/** A part is known by its key; a result by `tool_call_id`, and in some frameworks by `id`. */
function sharedWords(message: Json): Json {
  if (!isObject(message)) return message;
  const { content, id, extra: _, ...rest } = message;
  const shared: JsonObject = { ...rest, content: Array.isArray(content) ? content.map(sharedPart) : (content ?? null) };
  if (rest['role'] === 'tool') shared['tool_call_id'] = rest['tool_call_id'] ?? id;
  return shared;
}

function sharedPart(part: Json): Json {
  if (!isObject(part)) return part;
  const { text, image, audio, video } = part;
  if (typeof text === 'string') return { ...part, type: 'text' };
  if (typeof image === 'string') return { type: 'image_url', image_url: { url: image } };
  if (typeof video === 'string') return { type: 'video_url', video_url: { url: video } };
  if (typeof audio === 'string') return { type: 'audio_url', audio_url: { url: audio } };
  return { ...part, type: 'part' };
}

/** Some frameworks tell parameters as a list, which is no schema. */
function withSchema(tool: Json): Json {
  if (!isObject(tool) || !isObject(tool['function']) || isObject(tool['function']['parameters'])) return tool;
  const { parameters: _, ...inner } = tool['function'];
  return { ...tool, function: inner };
}

function readThinking(rest: JsonObject, request: ModelRequest): void {
  const { enable_thinking: isOn, thinking_budget: budget } = rest;
  if (typeof isOn !== 'boolean') return;
  request.reasoning = typeof budget === 'number' ? { enabled: isOn, budgetTokens: budget } : { enabled: isOn };
  delete rest['enable_thinking'];
  delete rest['thinking_budget'];
}

function readFormats(rest: JsonObject, request: ModelRequest): void {
  const { response_format: format, tool_choice: choice, logprobs, top_logprobs: top } = rest;
  const output = isObject(format) ? readOutputFormat(format) : undefined;
  if (output !== undefined) {
    request.output = output;
    delete rest['response_format'];
  }
  const chosen = readToolChoice(choice);
  if (chosen !== undefined) {
    request.toolChoice = chosen;
    delete rest['tool_choice'];
  }
  if (logprobs !== true) return;
  request.logprobs = typeof top === 'number' ? { top } : {};
  delete rest['logprobs'];
  delete rest['top_logprobs'];
}
