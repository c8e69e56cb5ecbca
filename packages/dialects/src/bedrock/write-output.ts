import type { JsonObject } from '../json.ts';
import type { OutputFormat } from '../request.ts';
import { fitSchema } from './fit-schema.ts';
import type { WriteJob } from './write-job.ts';
import type { WrittenTools } from './write-tools.ts';

const JSON_INSTRUCTION =
  'Answer with one JSON object and nothing else: no words before or after it, and no code fence around it.';

type SchemaFormat = Extract<OutputFormat, { type: 'json-schema' }>;

/** How the answer is held to its format: by the API, by a tool whose arguments are the answer, or by an instruction. */
export interface WrittenOutput {
  textFormat?: JsonObject;
  jsonTool?: string;
  instruction?: JsonObject;
}

/** May add the answer's tool to `written`, and demand a call. */
export function writeOutput(written: WrittenTools, job: WriteJob): WrittenOutput {
  const { output } = job.request;
  if (output === undefined || output.type === 'text') return {};
  if (output.type === 'json') {
    job.change(`${job.said('output')} json_object→an instruction`);
    return { instruction: { text: JSON_INSTRUCTION } };
  }
  const isRefused = job.traits.takesJsonSchema === false;
  if (job.isOwn && !isRefused) return { textFormat: textFormat(output, output.schema) };
  const fitted = isRefused ? { unfit: 'no schemas for this model' } : fitSchema(output.schema);
  if ('unfit' in fitted) return writeJsonTool(output, fitted.unfit, written, job);
  for (const change of fitted.changes) job.change(`${job.said('output')} ${change}`);
  return { textFormat: textFormat(output, fitted.schema) };
}

/** The schema goes as JSON text. */
function textFormat({ name, description }: SchemaFormat, schema: JsonObject): JsonObject {
  const jsonSchema: JsonObject = { schema: JSON.stringify(schema) };
  const legal = name.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, 64);
  if (legal !== '') jsonSchema['name'] = legal;
  if (description) jsonSchema['description'] = description;
  return { type: 'json_schema', structure: { jsonSchema } };
}

/** Tools take all of JSON Schema, unenforced; the arguments of a demanded call are the answer. */
function writeJsonTool(output: SchemaFormat, why: string, written: WrittenTools, job: WriteJob): WrittenOutput {
  if (output.schema['type'] !== 'object' || job.traits.takesTools === false) {
    job.change(`${job.said('output')} json_schema→an instruction (${why})`);
    const text = `${JSON_INSTRUCTION.replace('one JSON object', 'one JSON value')} It must fit this JSON Schema: ${JSON.stringify(output.schema)}`;
    return { instruction: { text } };
  }
  const name = unusedName(written);
  job.change(`${job.said('output')} json_schema→the arguments of a tool (${why})`);
  const mayCallOthers = written.tools.length > 0 && job.request.tools.length > 0;
  const description =
    output.description || 'Gives the final answer. Call it once, with the whole answer as its arguments.';
  written.tools.push({ block: { toolSpec: { name, description, inputSchema: { json: output.schema } } } });
  written.choice = mayCallOthers ? { any: {} } : { tool: { name } };
  delete written.additional;
  return { jsonTool: name };
}

function unusedName({ tools }: WrittenTools): string {
  const taken = JSON.stringify(tools);
  let name = 'json_answer';
  while (taken.includes(`"name":"${name}"`)) name += '_';
  return name;
}
