import type { Json, JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import type { FunctionTool, ModelRequest, Tool, ToolChoice } from '../request.ts';
import { invalid, readCachePoint } from './read-blocks.ts';
import { keepRest } from './read-settings.ts';

/** Reads `toolConfig`: the tools, each with the cache point after it, and the choice among them. */
export function readToolConfig(config: Json | undefined, request: ModelRequest): void {
  if (config === undefined || config === null) return;
  if (!isObject(config)) throw invalid('toolConfig', 'an object');
  const { tools, toolChoice, ...rest } = config;
  if (tools !== undefined && tools !== null && !Array.isArray(tools)) throw invalid('toolConfig.tools', 'a list');
  for (const [index, tool] of (tools ?? []).entries()) addTool(tool, `toolConfig.tools[${index}]`, request);
  readToolChoice(toolChoice, request);
  keepRest('toolConfig', rest, request);
}

function addTool(tool: Json, path: string, request: ModelRequest): void {
  if (!isObject(tool)) throw invalid(path, 'a tool');
  const { toolSpec, cachePoint } = tool;
  const before = request.tools.at(-1);
  const mark = readCachePoint(cachePoint);
  if (mark !== undefined && before?.type === 'function' && before.cache === undefined) before.cache = mark;
  else if (isObject(toolSpec)) request.tools.push(readToolSpec(toolSpec, path, request.unread));
  else request.tools.push(hosted(tool));
}

function readToolSpec(spec: JsonObject, path: string, unread: string[]): FunctionTool {
  const { name, description, inputSchema, strict, ...extras } = spec;
  if (typeof name !== 'string') throw invalid(`${path}.toolSpec.name`, 'a string');
  const tool: FunctionTool = { type: 'function', name };
  if (typeof description === 'string') tool.description = description;
  const schema = isObject(inputSchema) ? inputSchema['json'] : undefined;
  if (isObject(schema)) tool.parameters = schema;
  if (typeof strict === 'boolean') tool.strict = strict;
  unread.push(...Object.keys(extras).map((key) => `${path}.toolSpec.${key}`));
  if (Object.keys(extras).length > 0) tool.extras = extras;
  return tool;
}

function hosted(tool: JsonObject): Tool {
  const [kind = 'unknown', value] = Object.entries(tool)[0] ?? [];
  const name = isObject(value) && typeof value['name'] === 'string' ? value['name'] : kind;
  return { type: 'hosted', origin: 'bedrock', label: name, value: tool };
}

function readToolChoice(choice: Json | undefined, request: ModelRequest): void {
  if (choice === undefined || choice === null) return;
  const read = isObject(choice) ? nameChoice(choice) : undefined;
  if (read === undefined) throw invalid('toolConfig.toolChoice', 'one of auto, any, tool');
  request.toolChoice = read;
}

function nameChoice({ auto, any, tool }: JsonObject): ToolChoice | undefined {
  if (isObject(auto)) return { type: 'auto' };
  if (isObject(any)) return { type: 'required' };
  if (isObject(tool) && typeof tool['name'] === 'string') return { type: 'tool', name: tool['name'] };
  return undefined;
}
