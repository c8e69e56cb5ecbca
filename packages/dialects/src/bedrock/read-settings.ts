import type { Json, JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import type { ModelRequest, OutputFormat, ReasoningEffort, ReasoningSettings } from '../request.ts';
import { invalid } from './read-blocks.ts';

const EFFORTS = new Set<string>([
  'none',
  'minimal',
  'low',
  'medium',
  'high',
  'xhigh',
  'max',
] satisfies ReasoningEffort[]);

/** Reads `inferenceConfig`, the settings that every model takes. */
export function readInference(config: Json | undefined, request: ModelRequest): void {
  if (config === undefined || config === null) return;
  if (!isObject(config)) throw invalid('inferenceConfig', 'an object');
  const { maxTokens, temperature, topP, stopSequences, ...rest } = config;
  if (typeof maxTokens === 'number') request.maxOutputTokens = maxTokens;
  if (typeof temperature === 'number') request.temperature = temperature;
  if (typeof topP === 'number') request.topP = topP;
  if (Array.isArray(stopSequences))
    request.stop = stopSequences.filter((text): text is string => typeof text === 'string');
  keepRest('inferenceConfig', rest, request);
}

/**
 * Reads the settings that only some models take, as far as they have a place in the model. They are kept in
 * `wording` too, since each family of models words them in its own way, and in none but its own.
 */
export function readAdditional(fields: Json | undefined, request: ModelRequest): void {
  if (fields === undefined || fields === null) return;
  if (!isObject(fields)) throw invalid('additionalModelRequestFields', 'an object');
  const worded: JsonObject = {};
  const rest: JsonObject = {};
  for (const [key, value] of Object.entries(fields)) {
    const isRead = value !== undefined && readAdditionalField(key, value, request);
    (isRead ? worded : rest)[key] = value;
  }
  if (Object.keys(worded).length > 0) request.wording = { ...request.wording, fields: worded };
  if (Object.keys(rest).length > 0) request.extras['additionalModelRequestFields'] = rest;
}

function readAdditionalField(key: string, value: Json, request: ModelRequest): boolean {
  switch (key) {
    case 'thinking':
    case 'reasoning_config':
      return addReasoning(readThinking(value), request);
    case 'reasoningConfig':
      return addReasoning(readNovaReasoning(value), request);
    case 'reasoning_effort':
      return addReasoning(readEffort(value), request);
    case 'reasoning':
    case 'output_config': {
      const onlyEffort = isObject(value) && Object.keys(value).length === 1 ? value['effort'] : undefined;
      return addReasoning(readEffort(onlyEffort), request);
    }
    case 'tool_choice':
      return readParallel(value, request);
    case 'top_k':
      if (typeof value === 'number') request.topK = value;
      return typeof value === 'number';
    default:
      return false;
  }
}

/** Anthropic's word for one call at a time, beside the choice that Converse itself tells. */
function readParallel(choice: Json, request: ModelRequest): boolean {
  if (!isObject(choice) || choice['type'] !== 'auto' || Object.keys(choice).length !== 2) return false;
  const isSerial = choice['disable_parallel_tool_use'];
  if (typeof isSerial === 'boolean') request.parallelToolCalls = !isSerial;
  return typeof isSerial === 'boolean';
}

function addReasoning(settings: ReasoningSettings | undefined, request: ModelRequest): boolean {
  if (settings === undefined) return false;
  request.reasoning = { ...request.reasoning, ...settings };
  return true;
}

/** Anthropic's `thinking`, also as clients of other dialects send it along; undefined for a form not known. */
export function readThinking(thinking: Json | undefined): ReasoningSettings | undefined {
  if (!isObject(thinking)) return undefined;
  const { type, budget_tokens: budget, display } = thinking;
  const summary = display === 'summarized' ? { summary: 'detailed' } : {};
  if (type === 'disabled') return { enabled: false };
  if (type === 'adaptive') return { enabled: true, adaptive: true, ...summary };
  if (type !== 'enabled') return undefined;
  return { enabled: true, ...(typeof budget === 'number' ? { budgetTokens: budget } : {}), ...summary };
}

function readNovaReasoning(config: Json): ReasoningSettings | undefined {
  if (!isObject(config)) return undefined;
  if (config['type'] === 'disabled') return { enabled: false };
  return { enabled: true, ...readEffort(config['maxReasoningEffort']) };
}

function readEffort(effort: Json | undefined): ReasoningSettings | undefined {
  return typeof effort === 'string' && EFFORTS.has(effort) ? { effort: effort as ReasoningEffort } : undefined;
}

/** Reads `outputConfig`: the schema of the answer, which stands there as JSON text, and the effort. */
export function readOutput(config: Json | undefined, request: ModelRequest): void {
  if (config === undefined || config === null) return;
  if (!isObject(config)) throw invalid('outputConfig', 'an object');
  const { textFormat, effort, ...rest } = config;
  const settings = readEffort(effort);
  if (settings !== undefined) {
    request.reasoning = { ...request.reasoning, ...settings };
    request.wording = { ...request.wording, effort };
  } else if (effort !== undefined && effort !== null) rest['effort'] = effort;
  const output = readTextFormat(textFormat);
  if (output !== undefined) request.output = output;
  else if (textFormat !== undefined && textFormat !== null) rest['textFormat'] = textFormat;
  keepRest('outputConfig', rest, request);
}

function readTextFormat(format: Json | undefined): OutputFormat | undefined {
  const structure = isObject(format) && format['type'] === 'json_schema' ? format['structure'] : undefined;
  const told = isObject(structure) ? structure['jsonSchema'] : undefined;
  if (!isObject(told)) return undefined;
  const schema = parseSchema(told['schema']);
  if (schema === undefined) return undefined;
  const output: OutputFormat = {
    type: 'json-schema',
    name: typeof told['name'] === 'string' ? told['name'] : 'answer',
    schema,
  };
  if (typeof told['description'] === 'string') output.description = told['description'];
  return output;
}

function parseSchema(schema: Json | undefined): JsonObject | undefined {
  if (typeof schema !== 'string') return undefined;
  try {
    const parsed: unknown = JSON.parse(schema);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** Fields within a setting that have no place in the model, under the path by which a receipt names them. */
export function keepRest(path: string, rest: JsonObject, request: ModelRequest): void {
  for (const [key, value] of Object.entries(rest)) {
    if (value !== null && value !== undefined) request.extras[`${path}.${key}`] = value;
  }
}
