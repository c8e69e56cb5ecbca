import type { TargetTraits, WrittenRequest } from '../dialect.ts';
import type { JsonObject } from '../json.ts';
import type { ModelRequest } from '../request.ts';
import { limitCacheMarks, withCachePoints } from './cache-points.ts';
import { type Conversation, writeConversation, writeTurns } from './write-conversation.ts';
import { writeInference } from './write-inference.ts';
import { createWriteJob, type WriteJob } from './write-job.ts';
import { type WrittenOutput, writeOutput } from './write-output.ts';
import { type WrittenReasoning, writeReasoning } from './write-reasoning.ts';
import { type WrittenTools, writeTools } from './write-tools.ts';
import { borrowThinking, listUnsaid, writeExtras, writeMetadata, writeServiceTier } from './write-unsaid.ts';

/**
 * Writes the request for a model behind Converse. The model and whether to stream go into the path, not into the body.
 * What the client said in the same dialect comes back as it said it.
 */
export function writeRequest(asked: ModelRequest, traits: TargetTraits): WrittenRequest {
  const job = createWriteJob(borrowThinking(asked), traits);
  const { request } = job;
  const conversation = writeConversation(job);
  const tools = writeTools(conversation.turns, job);
  const output = writeOutput(tools, job);
  if (output.instruction !== undefined) conversation.system.push({ block: output.instruction });
  const demandsCall = tools.choice?.['any'] !== undefined || tools.choice?.['tool'] !== undefined;
  const reasoning = writeReasoning(conversation.turns, demandsCall, job);
  dropEndingThoughts(conversation, reasoning, job);
  const inference = writeInference(reasoning, job);
  const extras = writeExtras(job);
  limitCacheMarks(
    tools.tools,
    conversation.system,
    conversation.turns.flatMap(({ pieces }) => pieces),
    job,
  );
  const additional = { ...reasoning.fields, ...inference.fields, ...tools.additional, ...extras.additional };
  const fields: JsonObject = {
    messages: writeTurns(conversation.turns),
    ...writeSystem(conversation, job),
    ...section('inferenceConfig', inference.config, job),
    ...writeToolConfig(tools, job),
    ...section('additionalModelRequestFields', additional, job),
    ...section('outputConfig', outputConfigOf(output, reasoning), job),
    ...writeMetadata(job),
    ...writeServiceTier(job),
    ...extras.fields,
  };
  listUnsaid(job);
  return {
    body: inOrder(fields, request.fieldOrder ?? []),
    receipt: job.receipt,
    ...(job.toolNames.size > 0 ? { toolNames: job.toolNames } : {}),
    ...(job.callIds.size > 0 ? { toolCallIds: job.callIds } : {}),
    ...(output.jsonTool === undefined ? {} : { jsonTool: output.jsonTool }),
  };
}

/** Words to be continued may hold no reasoning once it is off. */
function dropEndingThoughts({ turns }: Conversation, { fields }: WrittenReasoning, job: WriteJob): void {
  const last = turns.at(-1);
  if (job.isOwn || Object.keys(fields).length > 0 || last?.role !== 'assistant') return;
  const kept = last.pieces.filter(({ block }) => block['reasoningContent'] === undefined);
  if (kept.length === last.pieces.length) return;
  job.drop('reasoning of the last message (reasoning is off)');
  last.pieces = kept;
  if (kept.length === 0) turns.pop();
}

function writeSystem({ system }: Conversation, job: WriteJob): JsonObject {
  const isSaid = job.isOwn && job.request.fieldOrder?.includes('system');
  return system.length > 0 || isSaid ? { system: withCachePoints(system) } : {};
}

function writeToolConfig({ tools, choice }: WrittenTools, job: WriteJob): JsonObject {
  const config: JsonObject = {};
  if (tools.length > 0) config['tools'] = withCachePoints(tools);
  if (choice !== undefined) config['toolChoice'] = choice;
  return section('toolConfig', config, job);
}

function outputConfigOf({ textFormat }: WrittenOutput, { effort }: WrittenReasoning): JsonObject {
  return { ...(textFormat === undefined ? {} : { textFormat }), ...(effort === undefined ? {} : { effort }) };
}

/** A group of settings, with the client's own further ones in it; an empty one only where the client sent it. */
function section(name: string, settings: JsonObject, job: WriteJob): JsonObject {
  const all = { ...settings, ...(job.isOwn ? nested(name, job.request.extras) : {}) };
  const isSaid = job.isOwn && job.request.fieldOrder?.includes(name);
  return Object.keys(all).length > 0 || isSaid ? { [name]: all } : {};
}

function nested(name: string, extras: JsonObject): JsonObject {
  const fields: JsonObject = {};
  for (const [key, value] of Object.entries(extras)) {
    if (key.startsWith(`${name}.`)) fields[key.slice(name.length + 1)] = value;
  }
  return fields;
}

/** The client's own order first: the prompt's bytes must not change from turn to turn. */
function inOrder(fields: JsonObject, order: string[]): JsonObject {
  const ordered: JsonObject = {};
  for (const key of [...order, ...Object.keys(fields)]) if (fields[key] !== undefined) ordered[key] = fields[key];
  return ordered;
}
