import { InvalidRequest } from '../dialect.ts';
import type { Json, JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import type { Message, ModelRequest, Role } from '../request.ts';
import { type Path, readBlocks } from './read-blocks.ts';
import { readOutput, readThinking } from './read-settings.ts';
import { readToolChoice, readTools } from './read-tools.ts';

const ROLES: Record<string, Role> = { user: 'user', assistant: 'assistant', system: 'system' };

/** Fields that have a place of their own in the model; every other one is kept in `extras`. */
const KNOWN = new Set([
  'model',
  'messages',
  'max_tokens',
  'system',
  'stream',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'output_format',
  'metadata',
  'service_tier',
]);

/** Reads a Messages request. What the API itself would refuse is refused here, in its own words. */
export function readRequest(body: JsonObject): ModelRequest {
  const unread: string[] = [];
  const request: ModelRequest = {
    model: requireText(body, 'model'),
    stream: optional(body, 'stream', isBoolean, 'a valid boolean') ?? false,
    messages: [...readSystem(body['system'], unread), ...readMessages(body['messages'], unread)],
    tools: readTools(body['tools'], unread),
    wantsUsage: true,
    origin: 'anthropic-messages',
    extras: {},
    unread,
    fieldOrder: Object.keys(body),
  };
  for (const [key, value] of Object.entries(body)) {
    if (!KNOWN.has(key) && value !== undefined && value !== null) request.extras[key] = value;
  }
  readLimits(body, request);
  readSampling(body, request);
  readToolChoice(body['tool_choice'], request);
  readThinking(body['thinking'], request);
  readOutput(body, request);
  readMetadata(body['metadata'], request);
  if (isObject(body['thread'])) request.keptElsewhere = { field: 'thread', code: 'thread_unsupported_request' };
  const tier = optional(body, 'service_tier', isText, 'a valid string');
  if (tier !== undefined) request.serviceTier = tier;
  return request;
}

function readLimits(body: JsonObject, request: ModelRequest): void {
  if (body['max_tokens'] === undefined || body['max_tokens'] === null) throw missing('max_tokens');
  const maxTokens = optional(body, 'max_tokens', Number.isInteger, 'a valid integer') as number;
  if (maxTokens < 0) {
    throw new InvalidRequest('max_tokens: Input should be greater than or equal to 0', 'max_tokens');
  }
  request.maxOutputTokens = maxTokens;
  const stop = optional(body, 'stop_sequences', isTextList, 'a valid array of strings');
  if (stop !== undefined) request.stop = stop as string[];
}

function readSampling(body: JsonObject, request: ModelRequest): void {
  const temperature = optional(body, 'temperature', isNumber, 'a valid number');
  if (temperature !== undefined) request.temperature = within(temperature, 'temperature');
  const topP = optional(body, 'top_p', isNumber, 'a valid number');
  if (topP !== undefined) request.topP = within(topP, 'top_p');
  const topK = optional(body, 'top_k', isNumber, 'a valid integer');
  if (topK !== undefined) request.topK = topK;
}

function within(value: number, field: string): number {
  if (value > 1) throw new InvalidRequest(`${field}: Input should be less than or equal to 1`, field);
  if (value < 0) throw new InvalidRequest(`${field}: Input should be greater than or equal to 0`, field);
  return value;
}

function readSystem(system: Json | undefined, unread: string[]): Message[] {
  if (system === undefined || system === null) return [];
  if (typeof system !== 'string' && !Array.isArray(system)) {
    throw new InvalidRequest('system: Input should be a valid string or array', 'system');
  }
  const parts = readBlocks(system, { names: 'system', dots: 'system' }, unread);
  return parts.length === 0 ? [] : [{ role: 'system', parts }];
}

function readMessages(messages: Json | undefined, unread: string[]): Message[] {
  if (messages === undefined || messages === null) throw missing('messages');
  if (!Array.isArray(messages)) throw new InvalidRequest('messages: Input should be a valid array', 'messages');
  if (messages.length === 0) throw new InvalidRequest('messages: at least one message is required', 'messages');
  return messages.map((message, index) => readMessage(message, index, unread));
}

function readMessage(message: Json, index: number, unread: string[]): Message {
  const at: Path = { names: `messages[${index}]`, dots: `messages.${index}` };
  if (!isObject(message)) throw new InvalidRequest(`${at.dots}: Input should be a valid dictionary`, at.dots);
  const { role: saidRole, content, ...rest } = message;
  const role = typeof saidRole === 'string' ? ROLES[saidRole] : undefined;
  if (saidRole === undefined) throw missing(`${at.dots}.role`);
  if (role === undefined) {
    throw new InvalidRequest(`${at.dots}.role: Input should be 'user', 'assistant' or 'system'`, `${at.dots}.role`);
  }
  if (content === undefined || content === null) throw missing(`${at.dots}.content`);
  if (typeof content !== 'string' && !Array.isArray(content)) {
    throw new InvalidRequest(`${at.dots}.content: Input should be a valid string or array`, `${at.dots}.content`);
  }
  const inside = { names: `${at.names}.content`, dots: `${at.dots}.content` };
  const read: Message = { role, parts: readBlocks(content, inside, unread) };
  if (Object.keys(rest).length > 0) {
    read.extras = rest;
    unread.push(...Object.keys(rest).map((key) => `${at.names}.${key}`));
  }
  return read;
}

function readMetadata(metadata: Json | undefined, request: ModelRequest): void {
  if (metadata === undefined || metadata === null) return;
  if (!isObject(metadata)) throw new InvalidRequest('metadata: Input should be a valid dictionary', 'metadata');
  for (const [key, value] of Object.entries(metadata)) {
    if (key === 'user_id' && typeof value === 'string') request.user = value;
    else if (value !== null && value !== undefined) request.extras[`metadata.${key}`] = value;
  }
}

function requireText(body: JsonObject, field: string): string {
  const value = optional(body, field, isText, 'a valid string');
  if (value === undefined) throw missing(field);
  return value;
}

function optional<T extends Json>(
  body: JsonObject,
  field: string,
  fits: ((value: Json) => value is T) | ((value: unknown) => boolean),
  expected: string,
): T | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  if (!fits(value)) throw new InvalidRequest(`${field}: Input should be ${expected}`, field);
  return value as T;
}

function missing(field: string): InvalidRequest {
  return new InvalidRequest(`${field}: Field required`, field);
}

const isText = (value: Json): value is string => typeof value === 'string';
const isNumber = (value: Json): value is number => typeof value === 'number';
const isBoolean = (value: Json): value is boolean => typeof value === 'boolean';
const isTextList = (value: unknown): boolean =>
  Array.isArray(value) && value.every((entry) => typeof entry === 'string');
