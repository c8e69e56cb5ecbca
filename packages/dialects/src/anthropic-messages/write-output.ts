import type { JsonObject } from '../json.ts';
import type { OutputFormat } from '../request.ts';
import { narrowSchema } from './narrow-schema.ts';
import type { WriteJob } from './write-job.ts';
import type { WrittenTools } from './write-tools.ts';

const JSON_INSTRUCTION =
  'Answer with one JSON object and nothing else: no words before or after it, and no code fence around it.';

/** How the answer is held to its format: by the API, by a tool whose arguments are the answer, or by an instruction. */
export interface WrittenOutput {
  format?: JsonObject;
  jsonTool?: string;
  instruction?: JsonObject;
}

/** May add the answer's tool to `written`, and demand a call. */
export function writeOutput(written: WrittenTools, job: WriteJob): WrittenOutput {
  const { output } = job.request;
  if (output === undefined || output.type === 'text') return {};
  if (output.type === 'json') {
    job.change(`${job.said('output')} json_object→an instruction`);
    return { instruction: { type: 'text', text: JSON_INSTRUCTION } };
  }
  if (job.isOwn && job.traits.takesJsonSchema !== false)
    return { format: { type: 'json_schema', schema: output.schema } };

  const narrowed =
    job.traits.takesJsonSchema === false ? { unfit: 'no schemas for this model' } : narrowSchema(output.schema);
  if ('unfit' in narrowed) return writeJsonTool(output, narrowed.unfit, written, job);
  for (const change of narrowed.changes) job.change(`${job.said('output')} ${change}`);
  return { format: { type: 'json_schema', schema: withDescription(narrowed.schema, output) } };
}

function withDescription(schema: JsonObject, output: Extract<OutputFormat, { type: 'json-schema' }>): JsonObject {
  const isTold = output.description === undefined || schema['description'] !== undefined;
  return isTold ? schema : { ...schema, description: output.description };
}

/** Tools take all of JSON Schema, unenforced; the arguments of a demanded call are the answer. */
function writeJsonTool(
  output: Extract<OutputFormat, { type: 'json-schema' }>,
  why: string,
  written: WrittenTools,
  job: WriteJob,
): WrittenOutput {
  if (output.schema['type'] !== 'object' || job.traits.takesTools === false) {
    job.change(`${job.said('output')} json_schema→an instruction (${why})`);
    const text = `${JSON_INSTRUCTION.replace('one JSON object', 'one JSON value')} It must fit this JSON Schema: ${JSON.stringify(output.schema)}`;
    return { instruction: { type: 'text', text } };
  }
  const name = unusedName(written.tools);
  job.change(`${job.said('output')} json_schema→the arguments of a tool (${why})`);
  const mayCallOthers = written.tools.length > 0 && written.choice?.['type'] !== 'none';
  written.tools.push({
    name,
    description: output.description ?? 'Gives the final answer. Call it once, with the whole answer as its arguments.',
    input_schema: output.schema,
  });
  written.choice = mayCallOthers ? { ...written.choice, type: 'any' } : { type: 'tool', name };
  if (mayCallOthers) delete written.choice['name'];
  return { jsonTool: name };
}

function unusedName(tools: JsonObject[]): string {
  let name = 'json_answer';
  while (tools.some((tool) => tool['name'] === name)) name += '_';
  return name;
}
