import { readMessages, readTools } from '../chat-words.ts';
import type { Setting } from '../client-words.ts';
import type { DialectName } from '../dialect.ts';
import type { Json, JsonObject } from '../json.ts';
import type { ModelRequest } from '../request.ts';

/** A request whose messages and tools have been put into the words that nearly all hosts share. */
export function readPlainRequest(
  body: JsonObject,
  { origin, messages, tools }: { origin: DialectName; messages: Json | undefined; tools: Json | undefined },
): ModelRequest {
  const unread: string[] = [];
  const note = (path: string) => {
    unread.push(path);
  };
  return {
    model: typeof body['model'] === 'string' ? body['model'] : '',
    stream: body['stream'] === true,
    messages: readMessages({ messages }, note),
    tools: readTools({ tools }, note),
    wantsUsage: true,
    origin,
    extras: {},
    unread,
    fieldOrder: Object.keys(body),
  };
}

const TEXTS = new Set<Setting>(['stop']);

/** Takes the settings that have a place in the model out of `fields`, and gives the rest. */
export function takeSettings(
  fields: JsonObject,
  names: Partial<Record<Setting, string>>,
  request: ModelRequest,
): JsonObject {
  const rest: JsonObject = { ...fields };
  for (const [setting, name] of Object.entries(names) as [Setting, string][]) {
    const value = readSetting(setting, rest[name]);
    if (value === undefined) continue;
    Object.assign(request, { [setting]: value });
    delete rest[name];
  }
  return rest;
}

function readSetting(setting: Setting, value: Json | undefined): Json | undefined {
  if (!TEXTS.has(setting)) return typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
  if (typeof value === 'string') return [value];
  return Array.isArray(value) && value.every((text) => typeof text === 'string') ? value : undefined;
}

/** What has no place in the model, without what says nothing. */
export function keepExtras(rest: JsonObject, request: ModelRequest): void {
  for (const [name, value] of Object.entries(rest)) {
    if (value !== undefined && value !== null) request.extras[name] = value;
  }
}
