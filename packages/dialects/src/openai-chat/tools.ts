import { isObject, type Json, type JsonObject } from '../json.ts';
import type { CustomTool, FunctionTool, ModelRequest, Tool, ToolChoice } from '../request.ts';
import { readBoolean, readList, readObject, readString, requireObject, requireString } from './check-fields.ts';
import { addExtras, keepExtras } from './extras.ts';
import { type NoteUnread, readCacheMark } from './read-parts.ts';

const TOOL_FIELDS = new Set(['type', 'function', 'custom', 'cache_control']);
const FUNCTION_FIELDS = new Set(['name', 'description', 'parameters', 'strict']);
const CUSTOM_FIELDS = new Set(['name', 'description', 'format']);

/** Reads `tools` and the older `functions`. */
export function readTools(body: JsonObject, unread: NoteUnread): Tool[] {
  const tools = readList(body, 'tools') ?? [];
  const functions = readList(body, 'functions') ?? [];
  return [
    ...tools.map((tool, at) => readTool(requireObject(tool, `tools[${at}]`), `tools[${at}]`, unread)),
    ...functions.map((item, at): FunctionTool => {
      const path = `functions[${at}]`;
      const body = requireObject(item, path);
      const tool = readFunction(body, path);
      keepExtras(tool, body, { outer: FUNCTION_FIELDS }, path, unread);
      return { ...tool, wording: { field: 'functions' } };
    }),
  ];
}

function readTool(body: JsonObject, path: string, unread: NoteUnread): Tool {
  const type = requireString(body, 'type', `${path}.type`);
  if (type !== 'function' && type !== 'custom') {
    return { type: 'hosted', origin: 'openai-chat', label: type, value: body };
  }
  const inner = requireObject(body[type], `${path}.${type}`);
  const tool = type === 'function' ? readFunction(inner, `${path}.function`) : readCustom(inner, `${path}.custom`);
  const fields = type === 'function' ? FUNCTION_FIELDS : CUSTOM_FIELDS;
  keepExtras(tool, body, { outer: TOOL_FIELDS, field: type, inner: fields }, path, unread);
  const cache = readCacheMark(body['cache_control']);
  if (cache && tool.type === 'function') tool.cache = cache;
  return tool;
}

function readFunction(body: JsonObject, path: string): FunctionTool {
  const tool: FunctionTool = { type: 'function', name: requireString(body, 'name', `${path}.name`) };
  const description = readString(body, 'description', `${path}.description`);
  if (description !== undefined) tool.description = description;
  const parameters = readObject(body, 'parameters', `${path}.parameters`);
  if (parameters) tool.parameters = parameters;
  const strict = readBoolean(body, 'strict', `${path}.strict`);
  if (strict !== undefined) tool.strict = strict;
  return tool;
}

function readCustom(body: JsonObject, path: string): CustomTool {
  const tool: CustomTool = { type: 'custom', name: requireString(body, 'name', `${path}.name`) };
  const description = readString(body, 'description', `${path}.description`);
  if (description !== undefined) tool.description = description;
  const format = readObject(body, 'format', `${path}.format`);
  if (format) tool.format = flatFormat(format);
  return tool;
}

/** Chat nests the grammar (`{type, grammar: {…}}`), Responses does not; the model keeps the flat form. */
function flatFormat(format: JsonObject): JsonObject {
  const { grammar, ...rest } = format;
  return isObject(grammar) ? { ...rest, ...grammar } : format;
}

function nestedFormat(format: JsonObject): JsonObject {
  const { type, ...grammar } = format;
  return type === 'grammar' && !('grammar' in format) ? { type, grammar } : format;
}

/** One tool in Chat's words, under the name that the target takes. */
export function writeTool(tool: FunctionTool | CustomTool, name: string, isOwn: boolean): JsonObject {
  const extras = isOwn ? tool.extras : undefined;
  const inner: JsonObject = { name };
  if (tool.description !== undefined) inner['description'] = tool.description;
  if (tool.type === 'custom') {
    if (tool.format) inner['format'] = nestedFormat(tool.format);
    return addExtras({ type: 'custom', custom: inner }, extras, 'custom');
  }
  if (tool.parameters) inner['parameters'] = tool.parameters;
  if (tool.strict !== undefined) inner['strict'] = tool.strict;
  if (isOwn && tool.wording?.['field'] === 'functions') return { ...inner, ...extras };
  const cache = tool.cache && isOwn ? { cache_control: { type: 'ephemeral', ...tool.cache } } : {};
  return addExtras({ type: 'function', function: inner, ...cache }, extras, 'function');
}

function object(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

/** Reads `tool_choice` (or the older `function_call`); undefined for a form that only the host itself knows. */
export function readToolChoice(choice: Json | undefined): ToolChoice | undefined {
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { type: choice };
  if (choice === 'any') return { type: 'required' };
  if (!isObject(choice)) return undefined;
  if (choice['type'] === 'allowed_tools') return readAllowed(object(choice['allowed_tools'] ?? choice));
  const named = object(choice['function'] ?? choice['custom'] ?? choice);
  return typeof named['name'] === 'string' ? { type: 'tool', name: named['name'] } : undefined;
}

function readAllowed({ mode, tools }: JsonObject): ToolChoice | undefined {
  if ((mode !== 'auto' && mode !== 'required') || !Array.isArray(tools)) return undefined;
  const names = tools.map((tool) => {
    const body = object(tool);
    return object(body['function'] ?? body['custom'] ?? body)['name'];
  });
  return names.every((name) => typeof name === 'string') ? { type: 'allowed', mode, names } : undefined;
}

/** The choice in Chat's words; `nameOf` gives the name that the target takes. */
export function writeToolChoice(choice: ToolChoice, request: ModelRequest, nameOf: (name: string) => string): Json {
  const reference = (name: string): JsonObject => {
    const isCustom = request.tools.some((tool) => tool.type === 'custom' && tool.name === name);
    return isCustom
      ? { type: 'custom', custom: { name: nameOf(name) } }
      : { type: 'function', function: { name: nameOf(name) } };
  };
  if (choice.type === 'tool') return reference(choice.name);
  if (choice.type !== 'allowed') return choice.type;
  return { type: 'allowed_tools', allowed_tools: { mode: choice.mode, tools: choice.names.map(reference) } };
}
