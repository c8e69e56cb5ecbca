import { InvalidRequest } from '../dialect.ts';
import type { Json, JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import type { FunctionTool, ModelRequest, Tool, ToolChoice } from '../request.ts';
import { readCacheControl } from './read-blocks.ts';

export function readTools(tools: Json | undefined, unread: string[]): Tool[] {
  if (tools === undefined || tools === null) return [];
  if (!Array.isArray(tools)) throw new InvalidRequest('tools: Input should be a valid array', 'tools');
  return tools.map((tool, index) => readTool(tool, index, unread));
}

/** A tool with a type of its own is one that the provider knows: run by it, or by the client to its rules. */
function readTool(tool: Json, index: number, unread: string[]): Tool {
  if (!isObject(tool)) {
    throw new InvalidRequest(`tools.${index}: Input should be a valid dictionary`, `tools.${index}`);
  }
  const { type, name, description, input_schema: schema, strict, cache_control: cacheControl, ...extras } = tool;
  if (typeof type === 'string' && type !== 'custom') {
    return { type: 'hosted', origin: 'anthropic-messages', label: type, value: tool };
  }
  if (typeof name !== 'string') throw missing(`tools.${index}.custom.name`);
  if (!isObject(schema)) throw missing(`tools.${index}.custom.input_schema`);
  const read: FunctionTool = { type: 'function', name, parameters: schema };
  if (typeof description === 'string') read.description = description;
  if (typeof strict === 'boolean') read.strict = strict;
  if (type === 'custom') extras['type'] = type;
  const cache = readCacheControl(cacheControl, extras);
  if (cache !== undefined) read.cache = cache;
  unread.push(...Object.keys(extras).flatMap((key) => (key === 'type' ? [] : [`tools[${index}].${key}`])));
  if (Object.keys(extras).length > 0) read.extras = extras;
  return read;
}

const CHOICES: Record<string, ToolChoice> = {
  auto: { type: 'auto' },
  any: { type: 'required' },
  none: { type: 'none' },
};

export function readToolChoice(choice: Json | undefined, request: ModelRequest): void {
  if (choice === undefined || choice === null) return;
  if (!isObject(choice)) throw new InvalidRequest('tool_choice: Input should be a valid dictionary', 'tool_choice');
  const { type, name, disable_parallel_tool_use: isSerial, ...rest } = choice;
  if (type === 'tool') {
    if (typeof name !== 'string') throw missing('tool_choice.tool.name');
    request.toolChoice = { type: 'tool', name };
  } else {
    const read = typeof type === 'string' ? CHOICES[type] : undefined;
    if (read === undefined) throw unknownChoice(type);
    request.toolChoice = read;
  }
  if (typeof isSerial === 'boolean') request.parallelToolCalls = !isSerial;
  for (const [key, value] of Object.entries(rest as JsonObject)) {
    if (value !== undefined && value !== null) request.extras[`tool_choice.${key}`] = value;
  }
}

function unknownChoice(type: Json | undefined): InvalidRequest {
  if (type === undefined) return missing('tool_choice.type');
  return new InvalidRequest(
    `tool_choice: Input tag '${String(type)}' found using 'type' does not match any of the expected tags: 'auto', 'any', 'tool', 'none'`,
    'tool_choice',
  );
}

function missing(param: string): InvalidRequest {
  return new InvalidRequest(`${param}: Field required`, param);
}
