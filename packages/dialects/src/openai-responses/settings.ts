/** The `text`, `reasoning` and `include` settings of the Responses API, read. */

import { isObject, type Json, type JsonObject } from '../json.ts';
import type { ModelRequest, OutputFormat, ReasoningEffort, ReasoningSettings } from '../request.ts';
import { asText, fieldsBesides, given } from './fields.ts';

const EFFORTS: ReadonlySet<string> = new Set(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']);
const TEXT_FIELDS = new Set(['format', 'verbosity']);
const REASONING_FIELDS = new Set(['effort', 'summary']);
export const WANTS_ENCRYPTED = 'reasoning.encrypted_content';
export const WANTS_LOGPROBS = 'message.output_text.logprobs';

/** What a setting means in the model's words, and what of it only this dialect knows. */
export interface ReadSetting {
  fields: Partial<ModelRequest>;
  extra?: Json;
}

export function readTextSetting(text: Json | undefined): ReadSetting {
  if (!isObject(text)) return { fields: {} };
  const output = readFormat(text['format']);
  const rest = fieldsBesides(text, TEXT_FIELDS);
  const unknownFormat = output === undefined && isObject(text['format']) ? { format: text['format'] } : undefined;
  const extra = rest || unknownFormat ? { ...rest, ...unknownFormat } : undefined;
  return given<ReadSetting>({ fields: given({ output, verbosity: asText(text['verbosity']) }), extra });
}

function readFormat(format: Json | undefined): OutputFormat | undefined {
  if (!isObject(format)) return undefined;
  if (format['type'] === 'text') return { type: 'text' };
  if (format['type'] === 'json_object') return { type: 'json' };
  if (format['type'] !== 'json_schema' || !isObject(format['schema'])) return undefined;
  return given<OutputFormat>({
    type: 'json-schema',
    name: asText(format['name']) ?? 'response',
    schema: format['schema'],
    strict: typeof format['strict'] === 'boolean' ? format['strict'] : undefined,
    description: asText(format['description']),
  });
}

export function writeFormat(output: OutputFormat): JsonObject {
  switch (output.type) {
    case 'text':
      return { type: 'text' };
    case 'json':
      return { type: 'json_object' };
    case 'json-schema':
      return given<JsonObject>({
        type: 'json_schema',
        name: output.name,
        description: output.description,
        schema: output.schema,
        strict: output.strict,
      });
  }
}

export function readReasoningSetting(reasoning: Json | undefined): { settings: ReasoningSettings; extra?: Json } {
  if (!isObject(reasoning)) return { settings: {} };
  const effort = asText(reasoning['effort']);
  const known = effort !== undefined && EFFORTS.has(effort);
  const rest = fieldsBesides(reasoning, REASONING_FIELDS);
  const extra =
    rest || (effort !== undefined && !known) ? { ...rest, ...(known || !effort ? {} : { effort }) } : undefined;
  // `generate_summary` is the old name of `summary`; the new one goes to other dialects, the old one back to this.
  const summary = asText(reasoning['summary']) ?? asText(reasoning['generate_summary']);
  const settings = given<ReasoningSettings>({ effort: known ? (effort as ReasoningEffort) : undefined, summary });
  return extra === undefined ? { settings } : { settings, extra };
}

export interface Includes {
  wantsEncrypted: boolean;
  wantsLogprobs: boolean;
  others: string[];
}

export function readIncludes(include: Json | undefined): Includes {
  const names = Array.isArray(include) ? include.filter((name) => typeof name === 'string') : [];
  return {
    wantsEncrypted: names.includes(WANTS_ENCRYPTED),
    wantsLogprobs: names.includes(WANTS_LOGPROBS),
    others: names.filter((name) => name !== WANTS_ENCRYPTED && name !== WANTS_LOGPROBS),
  };
}
