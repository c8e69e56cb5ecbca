import type { JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import type { CustomTool, FunctionTool, Tool, ToolChoice } from '../request.ts';
import type { Piece } from './cache-points.ts';
import { fitSchema } from './fit-schema.ts';
import type { Turn } from './write-conversation.ts';
import type { WriteJob } from './write-job.ts';

export interface WrittenTools {
  tools: Piece[];
  choice?: JsonObject;
  /** What the model's maker takes and the API has no word for. */
  additional?: JsonObject;
}

export function writeTools(turns: Turn[], job: WriteJob): WrittenTools {
  const { tools, toolChoice } = job.request;
  if (job.traits.takesTools === false) {
    if (tools.length > 0) job.drop('tools');
    if (toolChoice !== undefined && toolChoice.type !== 'none') job.drop(job.said('toolChoice'));
    return { tools: [] };
  }
  const offered = tools.flatMap((tool, index) => (isAllowed(tool, toolChoice) ? writeTool(tool, index, job) : []));
  if (job.isOwn)
    return { tools: offered, ...(toolChoice === undefined ? {} : { choice: nameChoice(toolChoice, job) }) };
  const called = namesOfCalls(turns);
  if (offered.length === 0) return recallTools(called, job);
  if (toolChoice?.type === 'none') return forbidCalls(offered, called, job);
  return { tools: offered, ...writeChoice(toolChoice, job) };
}

/** An answer that may call nothing. There is no word for it; tools that are not there cannot be called. */
function forbidCalls(offered: Piece[], called: string[], job: WriteJob): WrittenTools {
  if (called.length === 0) {
    job.change(`${job.said('toolChoice')} none→no tools sent`);
    return { tools: [] };
  }
  job.drop(`${job.said('toolChoice')} none (calls before it demand that the tools be declared)`);
  return { tools: offered };
}

function isAllowed(tool: Tool, choice: ToolChoice | undefined): boolean {
  return choice?.type !== 'allowed' || tool.type === 'hosted' || choice.names.includes(tool.name);
}

function writeTool(tool: Tool, index: number, job: WriteJob): Piece[] {
  switch (tool.type) {
    case 'function':
      return [
        {
          block: { toolSpec: writeFunction(tool, index, job) },
          ...(tool.cache === undefined ? {} : { cache: tool.cache }),
        },
      ];
    case 'custom':
      return [{ block: { toolSpec: writeCustom(tool, index, job) } }];
    case 'hosted':
      if (tool.origin === 'bedrock') return [{ block: { ...tool.value } }];
      job.drop(`${job.toolPath(index)} (${tool.label})`);
      return [];
  }
}

function writeFunction(tool: FunctionTool, index: number, job: WriteJob): JsonObject {
  if (job.isOwn) return writeOwnFunction(tool);
  const { schema, strict } = strictSchema(tool, index, job);
  return {
    name: job.toolName(tool.name),
    // Empty ones are refused.
    ...(tool.description ? { description: tool.description } : {}),
    inputSchema: { json: asObjectSchema(schema) },
    ...(strict ? { strict: true } : {}),
  };
}

function writeOwnFunction(tool: FunctionTool): JsonObject {
  return {
    name: tool.name,
    ...(tool.description === undefined ? {} : { description: tool.description }),
    ...(tool.parameters === undefined ? {} : { inputSchema: { json: tool.parameters } }),
    ...(tool.strict === undefined ? {} : { strict: tool.strict }),
    ...tool.extras,
  };
}

/** Strict tools are held to the same subset of JSON Schema as answers are; a schema outside of it stays, unenforced. */
function strictSchema(tool: FunctionTool, index: number, job: WriteJob): { schema: JsonObject; strict: boolean } {
  const schema = tool.parameters ?? {};
  if (tool.strict !== true) return { schema, strict: false };
  const fitted = job.traits.takesJsonSchema === false ? { unfit: 'not taken by the model' } : fitSchema(schema);
  if ('unfit' in fitted) {
    job.change(`${job.toolPath(index)}.strict true→false (${fitted.unfit})`);
    return { schema, strict: false };
  }
  for (const change of fitted.changes) job.change(`${job.toolPath(index)} ${change}`);
  return { schema: fitted.schema, strict: true };
}

function asObjectSchema(schema: JsonObject): JsonObject {
  return schema['type'] === 'object' ? schema : { type: 'object', ...(schema['type'] === undefined ? schema : {}) };
}

/** Free text in is one text field of an object: the nearest this dialect has. */
function writeCustom(tool: CustomTool, index: number, job: WriteJob): JsonObject {
  job.change(`${job.toolPath(index)} custom tool→function with one text field "input"`);
  if (tool.format !== undefined) job.drop(`${job.toolPath(index)}.format`);
  return {
    name: job.toolName(tool.name),
    ...(tool.description ? { description: tool.description } : {}),
    inputSchema: { json: { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] } },
  };
}

function namesOfCalls(turns: Turn[]): string[] {
  const names = new Set<string>();
  for (const { pieces } of turns) {
    for (const { block } of pieces) if (isObject(block['toolUse'])) names.add(String(block['toolUse']['name']));
  }
  return [...names];
}

/** Calls in the history without any tool in the request are refused, so the tools are recalled by name. */
function recallTools(names: string[], job: WriteJob): WrittenTools {
  const { toolChoice } = job.request;
  const isDemand = toolChoice !== undefined && toolChoice.type !== 'auto' && toolChoice.type !== 'none';
  if (isDemand) job.drop(job.said('toolChoice'));
  if (names.length > 0) job.change('tools absent, but called before→declared by name, as not to be called');
  const description = 'Called earlier in this conversation. It cannot be called now.';
  return {
    tools: names.map((name) => ({
      block: { toolSpec: { name, description, inputSchema: { json: { type: 'object' } } } },
    })),
  };
}

function writeChoice(choice: ToolChoice | undefined, job: WriteJob): Omit<WrittenTools, 'tools'> {
  const told = choice === undefined ? undefined : nameChoice(choice, job);
  if (job.request.parallelToolCalls !== false) return told === undefined ? {} : { choice: told };
  const isFree = told === undefined || told['auto'] !== undefined;
  if (job.maker.takesAnthropicFields && isFree) {
    return { additional: { tool_choice: { type: 'auto', disable_parallel_tool_use: true } } };
  }
  job.drop(job.said('parallelToolCalls'));
  return told === undefined ? {} : { choice: told };
}

function nameChoice(choice: ToolChoice, job: WriteJob): JsonObject {
  switch (choice.type) {
    case 'auto':
    case 'none':
      return { auto: {} };
    case 'required':
      return { any: {} };
    case 'tool':
      return { tool: { name: job.toolName(choice.name) } };
    case 'allowed':
      job.change(`${job.said('toolChoice')} allowed→only these tools sent: ${choice.names.join(', ')}`);
      return choice.mode === 'required' ? { any: {} } : { auto: {} };
  }
}
