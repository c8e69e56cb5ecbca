import type { JsonObject } from '../json.ts';
import type { CustomTool, FunctionTool, Tool, ToolChoice } from '../request.ts';
import { narrowSchema } from './narrow-schema.ts';
import type { Turn } from './write-conversation.ts';
import type { WriteJob } from './write-job.ts';
import { marked } from './write-parts.ts';

export interface WrittenTools {
  tools: JsonObject[];
  choice?: JsonObject;
}

export function writeTools(turns: Turn[], job: WriteJob): WrittenTools {
  const { tools, toolChoice } = job.request;
  if (job.traits.takesTools === false) {
    if (tools.length > 0) job.drop('tools');
    if (toolChoice !== undefined && toolChoice.type !== 'none') job.drop(job.said('toolChoice'));
    return { tools: [] };
  }
  const offered = tools.flatMap((tool, index) => (isAllowed(tool, toolChoice) ? writeTool(tool, index, job) : []));
  if (offered.length === 0 && !job.isOwn) {
    const recalled = recallTools(turns, job);
    if (recalled.length > 0) return { tools: recalled, choice: { type: 'none' } };
  }
  const choice = writeChoice(offered.length > 0, job);
  return { tools: offered, ...(choice === undefined ? {} : { choice }) };
}

function isAllowed(tool: Tool, choice: ToolChoice | undefined): boolean {
  return choice?.type !== 'allowed' || tool.type === 'hosted' || choice.names.includes(tool.name);
}

function writeTool(tool: Tool, index: number, job: WriteJob): JsonObject[] {
  switch (tool.type) {
    case 'function':
      return [writeFunction(tool, index, job)];
    case 'custom':
      return [writeCustom(tool, index, job)];
    case 'hosted':
      if (tool.origin === 'anthropic-messages') return [{ ...tool.value }];
      job.drop(`${job.toolPath(index)} (${tool.label})`);
      return [];
  }
}

function writeFunction(tool: FunctionTool, index: number, job: WriteJob): JsonObject {
  if (job.isOwn) return writeOwnFunction(tool);
  const { schema, strict } = strictSchema(tool, index, job);
  const written: JsonObject = { name: job.names.write(tool.name) };
  if (tool.description !== undefined) written['description'] = tool.description;
  written['input_schema'] = asObjectSchema(schema);
  if (strict) written['strict'] = true;
  return marked(written, tool.cache, undefined);
}

function writeOwnFunction(tool: FunctionTool): JsonObject {
  const { cache_control: control, type, ...extras } = tool.extras ?? {};
  const written: JsonObject = {
    ...(type === undefined ? {} : { type }),
    name: tool.name,
    ...(tool.description === undefined ? {} : { description: tool.description }),
    input_schema: tool.parameters ?? { type: 'object' },
    ...(tool.strict === undefined ? {} : { strict: tool.strict }),
    ...extras,
  };
  return marked(written, tool.cache, control);
}

/** Strict tools are held to the same subset of JSON Schema as answers are; a schema outside of it stays, unenforced. */
function strictSchema(tool: FunctionTool, index: number, job: WriteJob): { schema: JsonObject; strict: boolean } {
  const schema = tool.parameters ?? {};
  if (tool.strict !== true) return { schema, strict: false };
  const narrowed = job.traits.takesJsonSchema === false ? { unfit: 'not taken by the model' } : narrowSchema(schema);
  if ('unfit' in narrowed) {
    job.change(`${job.toolPath(index)}.strict true→false (${narrowed.unfit})`);
    return { schema, strict: false };
  }
  for (const change of narrowed.changes) job.change(`${job.toolPath(index)} ${change}`);
  return { schema: narrowed.schema, strict: true };
}

function asObjectSchema(schema: JsonObject): JsonObject {
  return schema['type'] === 'object' ? schema : { type: 'object', ...(schema['type'] === undefined ? schema : {}) };
}

/** Free text in is one text field of an object: the nearest this dialect has. */
function writeCustom(tool: CustomTool, index: number, job: WriteJob): JsonObject {
  job.change(`${job.toolPath(index)} custom tool→function with one text field "input"`);
  if (tool.format !== undefined) job.drop(`${job.toolPath(index)}.format`);
  return {
    name: job.names.write(tool.name),
    ...(tool.description === undefined ? {} : { description: tool.description }),
    input_schema: { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] },
  };
}

/** Calls in the history without any tool in the request are refused. The tools are recalled by name, and none may be called. */
function recallTools(turns: Turn[], job: WriteJob): JsonObject[] {
  const names = new Set<string>();
  for (const { blocks } of turns) {
    for (const block of blocks) if (block['type'] === 'tool_use') names.add(String(block['name']));
  }
  if (names.size > 0) job.change('tools absent, but called before→declared by name, not to be called');
  return [...names].map((name) => ({
    name,
    description: 'Called earlier in this conversation. It cannot be called now.',
    input_schema: { type: 'object' },
  }));
}

function writeChoice(hasTools: boolean, job: WriteJob): JsonObject | undefined {
  const { toolChoice, parallelToolCalls, extras } = job.request;
  if (!hasTools && !job.isOwn) {
    const isDemand = toolChoice !== undefined && toolChoice.type !== 'auto' && toolChoice.type !== 'none';
    if (isDemand) job.drop(job.said('toolChoice'));
    return undefined;
  }
  const serial = writeParallel(parallelToolCalls, toolChoice, job);
  if (toolChoice === undefined) return Object.keys(serial).length === 0 ? undefined : { type: 'auto', ...serial };
  return { ...nameChoice(toolChoice, job), ...serial, ...(job.isOwn ? nested('tool_choice', extras) : {}) };
}

function writeParallel(parallel: boolean | undefined, choice: ToolChoice | undefined, job: WriteJob): JsonObject {
  if (parallel === undefined || (parallel && !job.isOwn)) return {};
  if (choice?.type === 'none' && !job.isOwn) return {};
  return { disable_parallel_tool_use: !parallel };
}

function nameChoice(choice: ToolChoice, job: WriteJob): JsonObject {
  switch (choice.type) {
    case 'auto':
    case 'none':
      return { type: choice.type };
    case 'required':
      return { type: 'any' };
    case 'tool':
      return { type: 'tool', name: job.isOwn ? choice.name : job.names.write(choice.name) };
    case 'allowed':
      job.change(`${job.said('toolChoice')} allowed→only these tools sent: ${choice.names.join(', ')}`);
      return { type: choice.mode === 'required' ? 'any' : 'auto' };
  }
}

/** The fields that `extras` keeps under `<path>.`. */
export function nested(path: string, extras: JsonObject): JsonObject {
  const fields: JsonObject = {};
  for (const [key, value] of Object.entries(extras)) {
    const field = key.startsWith(`${path}.`) ? key.slice(path.length + 1) : '';
    if (field !== '' && !field.includes('.')) fields[field] = value;
  }
  return fields;
}
