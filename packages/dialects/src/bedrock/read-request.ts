import type { Json, JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import type { Message, ModelRequest, Role } from '../request.ts';
import { invalid, readBlocks } from './read-blocks.ts';
import { readAdditional, readInference, readOutput } from './read-settings.ts';
import { readToolConfig } from './read-tools.ts';

const ROLES: Record<string, Role> = { user: 'user', assistant: 'assistant', system: 'system' };

/** Fields that have a place of their own in the model; every other one is kept in `extras`. */
const READ = new Set([
  'modelId',
  'messages',
  'system',
  'inferenceConfig',
  'toolConfig',
  'additionalModelRequestFields',
  'outputConfig',
  'requestMetadata',
  'serviceTier',
]);

/**
 * Reads a Converse request. The model and whether to stream stand in the path: `model` is empty unless the body names
 * one (`modelId`, as the SDKs' own input does), and the gateway sets both.
 */
export function readRequest(body: JsonObject): ModelRequest {
  const unread: string[] = [];
  const request: ModelRequest = {
    model: typeof body['modelId'] === 'string' ? body['modelId'] : '',
    stream: false,
    messages: [...readSystem(body['system'], unread), ...readMessages(body['messages'], unread)],
    tools: [],
    wantsUsage: true,
    origin: 'bedrock',
    extras: {},
    unread,
    fieldOrder: Object.keys(body),
  };
  for (const [key, value] of Object.entries(body)) {
    if (!READ.has(key) && value !== undefined && value !== null) request.extras[key] = value;
  }
  readInference(body['inferenceConfig'], request);
  readToolConfig(body['toolConfig'], request);
  readAdditional(body['additionalModelRequestFields'], request);
  readOutput(body['outputConfig'], request);
  if (isObject(body['requestMetadata'])) request.metadata = body['requestMetadata'];
  readServiceTier(body['serviceTier'], request);
  return request;
}

function readSystem(system: Json | undefined, unread: string[]): Message[] {
  const parts = readBlocks(system, 'system', unread);
  return parts.length === 0 ? [] : [{ role: 'system', parts }];
}

function readMessages(messages: Json | undefined, unread: string[]): Message[] {
  if (messages === undefined || messages === null) return [];
  if (!Array.isArray(messages)) throw invalid('messages', 'a list');
  return messages.map((message, index) => readMessage(message, `messages[${index}]`, unread));
}

function readMessage(message: Json, path: string, unread: string[]): Message {
  if (!isObject(message)) throw invalid(path, 'an object');
  const { role: saidRole, content, ...extras } = message;
  const role = typeof saidRole === 'string' ? ROLES[saidRole] : undefined;
  if (role === undefined) throw invalid(`${path}.role`, 'one of user, assistant, system');
  const read: Message = { role, parts: readBlocks(content, `${path}.content`, unread) };
  if (Object.keys(extras).length > 0) {
    read.extras = extras;
    unread.push(...Object.keys(extras).map((key) => `${path}.${key}`));
  }
  return read;
}

function readServiceTier(tier: Json | undefined, request: ModelRequest): void {
  if (isObject(tier) && typeof tier['type'] === 'string') request.serviceTier = tier['type'];
  else if (tier !== undefined && tier !== null) request.extras['serviceTier'] = tier;
}
