import { isObject, type Json, type JsonObject } from '../json.ts';
import { keepExtras, readPlainRequest, takeSettings } from '../plain-chat.ts';
import type { ModelRequest } from '../request.ts';
import { SETTINGS } from './write-request.ts';

const NAMES = { ...SETTINGS, maxOutputTokens: 'max_tokens' } as const;
const CHOICES: Record<string, 'none' | 'required'> = { NONE: 'none', REQUIRED: 'required' };

/** Reads a request of version 2. */
export function readRequest(body: JsonObject): ModelRequest {
  const { model: _, messages, stream: __, tools, ...fields } = body;
  const inSharedWords = Array.isArray(messages) ? messages.map(sharedWords) : messages;
  const request = readPlainRequest(body, { origin: 'cohere-chat', messages: inSharedWords, tools });
  const {
    tool_choice: choice,
    response_format: format,
    thinking,
    logprobs,
    strict_tools: strict,
    ...rest
  } = takeSettings(fields, NAMES, request);
  if (typeof choice === 'string' && choice in CHOICES) request.toolChoice = { type: CHOICES[choice]! };
  if (isObject(format)) readOutput(format, request);
  if (isObject(thinking)) readThinking(thinking, request);
  if (strict === true)
    request.tools = request.tools.map((tool) => (tool.type === 'function' ? { ...tool, strict } : tool));
  else if (strict !== undefined) rest['strict_tools'] = strict;
  if (logprobs === true) request.logprobs = {};
  keepExtras(rest, request);
  return request;
}

/** A plan is text before the calls; documents are text. */
function sharedWords(message: Json): Json {
  if (!isObject(message)) return message;
  const { tool_plan: plan, content, ...rest } = message;
  const parts = Array.isArray(content) ? content.map(withoutDocument).filter(isTold) : content;
  if (typeof plan !== 'string' || plan === '') return { ...rest, content: parts ?? null };
  const told: Json[] = typeof parts === 'string' ? [{ type: 'text', text: parts }] : Array.isArray(parts) ? parts : [];
  const thinking = told.filter((part) => isObject(part) && part['type'] === 'thinking');
  const others = told.filter((part) => !thinking.includes(part));
  return { ...rest, content: [...thinking, { type: 'text', text: plan }, ...others] };
}

function isTold(part: Json): boolean {
  return !isObject(part) || part['text'] !== '';
}

function withoutDocument(part: Json): Json {
  if (!isObject(part) || part['type'] !== 'document') return part;
  const { document } = part;
  const data = isObject(document) ? (document['data'] ?? document) : document;
  return { type: 'text', text: typeof data === 'string' ? data : JSON.stringify(data ?? null) };
}

function readOutput(format: JsonObject, request: ModelRequest): void {
  if (format['type'] === 'text') request.output = { type: 'text' };
  if (format['type'] !== 'json_object') return;
  const schema = format['json_schema'] ?? format['schema'];
  request.output = isObject(schema) ? { type: 'json-schema', name: 'response', schema } : { type: 'json' };
}

function readThinking({ type, token_budget: budget }: JsonObject, request: ModelRequest): void {
  if (type === 'disabled') request.reasoning = { enabled: false };
  else request.reasoning = typeof budget === 'number' ? { enabled: true, budgetTokens: budget } : { enabled: true };
}
