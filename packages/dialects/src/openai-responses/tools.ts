/** Tools and tool choice of the Responses API, both ways. */

import { InvalidRequest } from '../dialect.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import type { CustomTool, FunctionTool, Tool, ToolChoice } from '../request.ts';
import { asText, fieldsBesides, given, objectsOf } from './fields.ts';
import { nameInNamespace, toolsOfNamespace } from './namespaces.ts';

const FUNCTION_FIELDS = new Set(['type', 'name', 'description', 'parameters', 'strict']);
const CUSTOM_FIELDS = new Set(['type', 'name', 'description', 'format']);
const NO_ARGUMENTS: JsonObject = { type: 'object', properties: {} };

export function readTools(tools: Json | undefined, unread: string[]): Tool[] {
  if (tools === undefined || tools === null) return [];
  if (!Array.isArray(tools))
    throw new InvalidRequest("Invalid type for 'tools': expected an array of objects.", 'tools');
  return tools.flatMap((tool, index) => readTool(tool, `tools[${index}]`, unread));
}

function readTool(tool: Json, path: string, unread: string[]): Tool[] {
  if (!isObject(tool) || typeof tool['type'] !== 'string') {
    throw new InvalidRequest(`Missing required parameter: '${path}.type'.`, `${path}.type`);
  }
  const inner = toolsOfNamespace(tool);
  if (inner) return readNamespace(tool, inner, path, unread);
  if (tool['type'] === 'function') return [readFunction(tool, path, unread)];
  if (tool['type'] === 'custom') return [readCustom(tool, path, unread)];
  return [{ type: 'hosted', origin: 'openai-responses', label: tool['type'], value: tool }];
}

function readNamespace(tool: JsonObject, inner: JsonObject[], path: string, unread: string[]): Tool[] {
  const { tools: _inner, ...namespace } = tool;
  return inner.map((one, index) => {
    const read = one['type'] === 'custom' ? readCustom : readFunction;
    const plain = read(one, `${path}.tools[${index}]`, unread);
    const name = nameInNamespace(asText(tool['name']), plain.name);
    return { ...plain, name, extras: { ...plain.extras, namespace } };
  });
}

function readFunction(tool: JsonObject, path: string, unread: string[]): FunctionTool {
  const extras = fieldsBesides(tool, FUNCTION_FIELDS);
  for (const key of Object.keys(extras ?? {})) unread.push(`${path}.${key}`);
  return given<FunctionTool>({
    type: 'function',
    name: nameOf(tool, path),
    description: asText(tool['description']),
    parameters: isObject(tool['parameters']) ? tool['parameters'] : undefined,
    strict: typeof tool['strict'] === 'boolean' ? tool['strict'] : undefined,
    extras,
  });
}

function readCustom(tool: JsonObject, path: string, unread: string[]): CustomTool {
  const extras = fieldsBesides(tool, CUSTOM_FIELDS);
  for (const key of Object.keys(extras ?? {})) unread.push(`${path}.${key}`);
  return given<CustomTool>({
    type: 'custom',
    name: nameOf(tool, path),
    description: asText(tool['description']),
    format: isObject(tool['format']) ? tool['format'] : undefined,
    extras,
  });
}

function nameOf(tool: JsonObject, path: string): string {
  const name = asText(tool['name']);
  if (name) return name;
  throw new InvalidRequest(`Missing required parameter: '${path}.name'.`, `${path}.name`);
}

/** Undefined where the choice names a tool that only this dialect knows; it then stays in the request's extras. */
export function readToolChoice(choice: Json | undefined): ToolChoice | undefined {
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { type: choice };
  if (!isObject(choice)) return undefined;
  const name = asText(choice['name']);
  if ((choice['type'] === 'function' || choice['type'] === 'custom') && name) return { type: 'tool', name };
  if (choice['type'] !== 'allowed_tools') return undefined;
  const names = objectsOf(choice['tools']).map(nameOfAllowed);
  if (names.length === 0 || names.includes(undefined)) return undefined;
  return { type: 'allowed', mode: choice['mode'] === 'required' ? 'required' : 'auto', names: names as string[] };
}

function nameOfAllowed(tool: JsonObject): string | undefined {
  return tool['type'] === 'function' || tool['type'] === 'custom' ? asText(tool['name']) : undefined;
}

export function writeFunctionTool(tool: FunctionTool, name: string, isForeign: boolean): JsonObject {
  return given<JsonObject>({
    type: 'function',
    name,
    description: tool.description,
    parameters: tool.parameters ?? (isForeign ? NO_ARGUMENTS : undefined),
    // Responses holds a function to its schema unless told otherwise; no other dialect does.
    strict: tool.strict ?? (isForeign ? false : undefined),
    ...(isForeign ? undefined : ownExtras(tool)),
  });
}

export function writeCustomTool(tool: CustomTool, name: string, isForeign: boolean): JsonObject {
  return given<JsonObject>({
    type: 'custom',
    name,
    description: tool.description,
    format: tool.format,
    ...(isForeign ? undefined : ownExtras(tool)),
  });
}

function ownExtras(tool: FunctionTool | CustomTool): JsonObject {
  const { namespace: _regrouped, ...rest } = tool.extras ?? {};
  return rest;
}

/** `nameOf` gives a tool's name as the target knows it. */
export function writeToolChoice(choice: ToolChoice, tools: readonly Tool[], nameOf: (name: string) => string): Json {
  const reference = (name: string): JsonObject => {
    const isCustom = tools.some((tool) => tool.type === 'custom' && tool.name === name);
    return { type: isCustom ? 'custom' : 'function', name: nameOf(name) };
  };
  switch (choice.type) {
    case 'auto':
    case 'none':
    case 'required':
      return choice.type;
    case 'tool':
      return reference(choice.name);
    case 'allowed':
      return { type: 'allowed_tools', mode: choice.mode, tools: choice.names.map(reference) };
  }
}
