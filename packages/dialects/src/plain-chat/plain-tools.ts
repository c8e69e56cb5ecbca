import { toolPlace } from '../client-words.ts';
import type { JsonObject } from '../json.ts';
import type { FunctionTool, ToolChoice } from '../request.ts';
import type { WriteJob } from './write-job.ts';

export interface PlainTools {
  functions: FunctionTool[];
  /** Never `allowed`: then only the allowed ones are declared. */
  choice?: Exclude<ToolChoice, { type: 'allowed' }>;
}

const NO_PARAMETERS: JsonObject = { type: 'object', properties: {} };
const FREE_TEXT: JsonObject = { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] };

/** The tools as functions under names that the host takes; what is none is noted. */
export function plainTools(job: WriteJob): PlainTools {
  const { request, traits, notes } = job;
  const { toolChoice } = request;
  if (traits.takesTools === false && request.tools.length > 0) {
    notes.dropped(job.said('tools'));
    if (toolChoice !== undefined && toolChoice.type !== 'auto' && toolChoice.type !== 'none')
      notes.dropped(job.said('toolChoice'));
    return { functions: [] };
  }
  const all = request.tools.flatMap((_, at) => plainTool(at, job));
  if (toolChoice === undefined || all.length === 0) return { functions: all };
  if (toolChoice.type !== 'allowed') return { functions: all, choice: renamed(toolChoice, job) };
  notes.changed(`${job.said('toolChoice')} allowed tools→only these are declared`);
  const names = new Set(toolChoice.names.map((name) => job.tools.written(name)));
  return { functions: all.filter(({ name }) => names.has(name)), choice: { type: toolChoice.mode } };
}

function renamed(choice: Exclude<ToolChoice, { type: 'allowed' }>, { tools }: WriteJob) {
  return choice.type === 'tool' ? { ...choice, name: tools.written(choice.name) } : choice;
}

function plainTool(at: number, { request, notes, tools, isOwn }: WriteJob): FunctionTool[] {
  const tool = request.tools[at]!;
  const place = toolPlace(request, at);
  if (tool.type === 'hosted') {
    notes.dropped(`${place} (${tool.label})`);
    return [];
  }
  const described = tool.description === undefined ? {} : { description: tool.description };
  const name = tools.written(tool.name);
  if (tool.type === 'custom') {
    notes.changed(`${place} custom→function`);
    if (tool.format !== undefined && tool.format['type'] !== 'text') notes.dropped(`${place}.format`);
    return [{ type: 'function', name, ...described, parameters: FREE_TEXT }];
  }
  const strict = tool.strict === undefined ? {} : { strict: tool.strict };
  const parameters = tool.parameters ?? (isOwn ? undefined : NO_PARAMETERS);
  return [{ type: 'function', name, ...described, ...(parameters === undefined ? {} : { parameters }), ...strict }];
}

/** A function in the words that nearly all hosts share. */
export function writeFunction({ name, description, parameters }: FunctionTool): JsonObject {
  return {
    type: 'function',
    function: {
      name,
      ...(description === undefined ? {} : { description }),
      ...(parameters === undefined ? {} : { parameters }),
    },
  };
}

/** Notes the switch that the host has not. */
export function tellStrict(job: WriteJob): void {
  for (const [at, tool] of job.request.tools.entries())
    if (tool.type === 'function' && tool.strict) job.notes.changed(`${toolPlace(job.request, at)}.strict true→false`);
}
