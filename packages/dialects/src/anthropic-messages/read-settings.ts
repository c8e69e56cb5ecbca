import { InvalidRequest } from '../dialect.ts';
import type { Json, JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import type { ModelRequest, OutputFormat, ReasoningEffort, ReasoningSettings } from '../request.ts';

const EFFORTS = new Set<string>(['low', 'medium', 'high', 'xhigh', 'max'] satisfies ReasoningEffort[]);

/** Reads `thinking`. A type this dialect has yet to learn is kept whole for the provider. */
export function readThinking(thinking: Json | undefined, request: ModelRequest): void {
  if (thinking === undefined || thinking === null) return;
  if (!isObject(thinking)) throw new InvalidRequest('thinking: Input should be a valid dictionary', 'thinking');
  const { type, budget_tokens: budget, display, ...rest } = thinking;
  const settings: ReasoningSettings = {};
  if (type === 'disabled') settings.enabled = false;
  else if (type === 'adaptive') Object.assign(settings, { enabled: true, adaptive: true });
  else if (type === 'enabled') Object.assign(settings, { enabled: true, budgetTokens: readBudget(budget) });
  else {
    request.extras['thinking'] = thinking;
    return;
  }
  if (settings.enabled && display !== 'omitted') settings.summary = display === 'summarized' ? 'detailed' : 'auto';
  // To others it says no more than that no summary is wanted.
  if (display === 'omitted') request.wording = { ...request.wording, display };
  keepRest('thinking', rest, request);
  request.reasoning = { ...request.reasoning, ...settings };
}

function readBudget(budget: Json | undefined): number {
  const param = 'thinking.enabled.budget_tokens';
  if (budget === undefined || budget === null) throw new InvalidRequest(`${param}: Field required`, param);
  if (typeof budget !== 'number') throw new InvalidRequest(`${param}: Input should be a valid integer`, param);
  if (budget < 1024) throw new InvalidRequest(`${param}: Input should be greater than or equal to 1024`, param);
  return budget;
}

/** Reads `output_config`, and `output_format`, by which the format went before. */
export function readOutput(body: JsonObject, request: ModelRequest): void {
  readFormat(body['output_format'], 'output_format', request);
  const config = body['output_config'];
  if (config === undefined || config === null) return;
  if (!isObject(config)) throw new InvalidRequest('output_config: Input should be a valid dictionary', 'output_config');
  const { effort, format, ...rest } = config;
  if (typeof effort === 'string' && EFFORTS.has(effort)) {
    request.reasoning = { ...request.reasoning, effort: effort as ReasoningEffort };
  } else if (effort !== undefined && effort !== null) rest['effort'] = effort;
  readFormat(format, 'output_config.format', request);
  keepRest('output_config', rest, request);
}

function readFormat(format: Json | undefined, path: string, request: ModelRequest): void {
  if (format === undefined || format === null) return;
  if (!isObject(format) || format['type'] !== 'json_schema' || !isObject(format['schema'])) {
    request.extras[path] = format;
    return;
  }
  const { type: _type, schema, ...rest } = format;
  const output: OutputFormat = {
    type: 'json-schema',
    name: nameOf(schema as JsonObject),
    schema: schema as JsonObject,
  };
  request.output = output;
  keepRest(path, rest, request);
}

/** This dialect names no schema, others demand a name. */
function nameOf(schema: JsonObject): string {
  const title = typeof schema['title'] === 'string' ? schema['title'].replace(/[^a-zA-Z0-9_-]/g, '_') : '';
  return title.slice(0, 64) || 'answer';
}

/** Fields within a setting that have no place in the model, under the path by which a receipt names them. */
function keepRest(path: string, rest: JsonObject, request: ModelRequest): void {
  for (const [key, value] of Object.entries(rest)) {
    if (value !== null && value !== undefined) request.extras[`${path}.${key}`] = value;
  }
}
