import type { TargetTraits, WrittenRequest } from '../dialect.ts';
import type { Json, JsonObject } from '../json.ts';
import type { ModelRequest } from '../request.ts';
import { limitCacheMarks } from './cache-marks.ts';
import { type Conversation, writeConversation, writeTurns } from './write-conversation.ts';
import { createWriteJob, type WriteJob } from './write-job.ts';
import { type WrittenOutput, writeOutput } from './write-output.ts';
import { asContent } from './write-parts.ts';
import { writeSampling, writeStop } from './write-sampling.ts';
import { type WrittenThinking, writeThinking } from './write-thinking.ts';
import { nested, type WrittenTools, writeTools } from './write-tools.ts';
import { borrowThinking, listUnsaid, writeExtras } from './write-unsaid.ts';

/** Writes the request for a model that speaks Messages. What the client said in the same dialect comes back as it said it. */
export function writeRequest(asked: ModelRequest, traits: TargetTraits): WrittenRequest {
  const request = borrowThinking(asked);
  const job = createWriteJob(request, traits);
  const conversation = writeConversation(job);
  const tools = writeTools(conversation.turns, job);
  const output = writeOutput(tools, job);
  if (output.instruction !== undefined) conversation.system.push(output.instruction);
  const demandsCall = tools.choice?.['type'] === 'any' || tools.choice?.['type'] === 'tool';
  const thinking = writeThinking(conversation.turns, demandsCall, job);
  dropEndingThoughts(conversation, thinking, job);

  const extras = writeExtras(job);
  limitCacheMarks([tools.tools, conversation.system, ...conversation.turns.map(({ blocks }) => blocks)], {
    atMost: extras.fields['cache_control'] === undefined ? 4 : 3,
    change: job.change,
  });
  const fields: JsonObject = {
    model: traits.model,
    ...writeMainFields(conversation, thinking, tools, job),
    ...writeSampling(thinking.bindsRest, job),
    ...writeStop(job),
    ...writeOutputFields(output, thinking, job),
    ...writeMetadata(request, job),
    ...writeServiceTier(request, job),
    ...extras.fields,
    ...(request.stream || request.fieldOrder?.includes('stream') ? { stream: request.stream } : {}),
  };
  listUnsaid(job);
  return {
    body: inOrder(fields, request.fieldOrder ?? []),
    receipt: job.receipt,
    ...(Object.keys(extras.headers).length > 0 ? { headers: extras.headers } : {}),
    ...(job.names.rewritten.size > 0 ? { toolNames: job.names.rewritten } : {}),
    ...(job.callIds.size > 0 ? { toolCallIds: job.callIds } : {}),
    ...(output.jsonTool === undefined ? {} : { jsonTool: output.jsonTool }),
  };
}

function writeMainFields(
  { system, turns }: Conversation,
  { maxTokens, thinking }: WrittenThinking,
  { tools, choice }: WrittenTools,
  job: WriteJob,
): JsonObject {
  const keepsEmptyTools = job.isOwn && job.request.fieldOrder?.includes('tools') === true;
  const thinkingRest = job.isOwn ? nested('thinking', job.request.extras) : {};
  return {
    max_tokens: maxTokens,
    ...(system.length > 0 ? { system: asContent(system) } : {}),
    messages: writeTurns(turns),
    ...(tools.length > 0 || keepsEmptyTools ? { tools } : {}),
    ...(choice === undefined ? {} : { tool_choice: choice }),
    ...(thinking === undefined ? {} : { thinking: { ...thinking, ...thinkingRest } }),
  };
}

/** Words to be continued may hold no thinking once it is off. */
function dropEndingThoughts({ turns }: Conversation, { thinking }: WrittenThinking, job: WriteJob): void {
  const last = turns.at(-1);
  const isOn = thinking !== undefined && thinking['type'] !== 'disabled';
  if (job.isOwn || isOn || last?.role !== 'assistant') return;
  const kept = last.blocks.filter((block) => block['type'] !== 'thinking' && block['type'] !== 'redacted_thinking');
  if (kept.length === last.blocks.length) return;
  job.drop('reasoning of the last message (thinking is off)');
  last.blocks = kept;
  if (kept.length === 0) turns.pop();
}

/** The format goes by `output_config` today; a client that still says `output_format` is answered in its own word. */
function writeOutputFields(output: WrittenOutput, thinking: WrittenThinking, job: WriteJob): JsonObject {
  const { extras, fieldOrder } = job.request;
  const config: JsonObject = {};
  const fields: JsonObject = {};
  if (thinking.effort !== undefined) config['effort'] = thinking.effort;
  const isByOldWord = job.isOwn && fieldOrder?.includes('output_format') === true;
  if (output.format !== undefined) {
    const path = isByOldWord ? 'output_format' : 'output_config.format';
    const format = { ...output.format, ...(job.isOwn ? nested(path, extras) : {}) };
    if (isByOldWord) fields['output_format'] = format;
    else config['format'] = format;
  }
  if (job.isOwn) Object.assign(config, nested('output_config', extras));
  if (Object.keys(config).length > 0) fields['output_config'] = config;
  return fields;
}

function writeMetadata(request: ModelRequest, job: WriteJob): JsonObject {
  const metadata: JsonObject = {
    ...(request.user === undefined ? {} : { user_id: request.user }),
    ...(job.isOwn ? nested('metadata', request.extras) : {}),
  };
  return Object.keys(metadata).length > 0 ? { metadata } : {};
}

/** What others call `default` or `standard` is `standard_only` here. */
const SERVICE_TIERS: Record<string, string> = {
  auto: 'auto',
  default: 'standard_only',
  standard: 'standard_only',
  standard_only: 'standard_only',
};

function writeServiceTier({ serviceTier }: ModelRequest, job: WriteJob): JsonObject {
  if (serviceTier === undefined) return {};
  if (job.isOwn) return { service_tier: serviceTier };
  const tier = SERVICE_TIERS[serviceTier];
  if (tier !== undefined) return { service_tier: tier };
  job.drop(`${job.said('serviceTier')} ${serviceTier}`);
  return {};
}

/** The client's own order first: the prompt's bytes must not change from turn to turn, nor between a read body and a passed one. */
function inOrder(fields: JsonObject, order: string[]): JsonObject {
  const ordered: JsonObject = {};
  const put = (key: string, value: Json | undefined) => {
    if (value !== undefined) ordered[key] = value;
  };
  for (const key of order) put(key, fields[key]);
  for (const [key, value] of Object.entries(fields)) if (!(key in ordered)) put(key, value);
  return ordered;
}
