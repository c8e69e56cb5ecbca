import type { Setting } from '../client-words.ts';
import type { Json, JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import type { ModelRequest } from '../request.ts';
import { foreignFields, saidAmong } from '../unsaid.ts';
import { readThinking } from './read-settings.ts';
import type { WriteJob } from './write-job.ts';

/** Fields of this dialect that clients of others send along to it, under the same name and in the same form. */
const BORROWED = new Set([
  'additionalModelRequestFields',
  'additionalModelResponseFieldPaths',
  'guardrailConfig',
  'performanceConfig',
  'promptVariables',
]);

export interface WrittenExtras {
  fields: JsonObject;
  /** For `additionalModelRequestFields`. */
  additional: JsonObject;
}

/** Top-level fields without a place in the model: the client's own come back, others stand in the receipt. */
export function writeExtras(job: WriteJob): WrittenExtras {
  const fields: JsonObject = {};
  const additional: JsonObject = {};
  for (const [key, value] of Object.entries(job.request.extras)) {
    if (key === 'additionalModelRequestFields' && isObject(value)) Object.assign(additional, value);
    else if (job.isOwn) {
      if (!key.includes('.')) fields[key] = value;
    } else if (BORROWED.has(key)) fields[key] = value;
    else if (job.maker.takesAnthropicFields && isBetaList(key, value)) additional['anthropic_beta'] = value;
  }
  return { fields, additional };
}

/** Beta flags go as a field here, not as a header. */
function isBetaList(key: string, value: Json | undefined): boolean {
  return (key === 'betas' || key === 'anthropic_beta') && Array.isArray(value);
}

/** Clients of other dialects send `thinking` along to models that know it: then it is read as such. */
export function borrowThinking(request: ModelRequest): ModelRequest {
  if (request.origin === 'bedrock' || request.reasoning !== undefined) return request;
  const { thinking, ...extras } = request.extras;
  const settings = readThinking(thinking);
  return settings === undefined ? request : { ...request, extras, reasoning: settings };
}

/** Settings that this dialect has no word for. */
const UNSAYABLE: Setting[] = [
  ...([
    'minP',
    'frequencyPenalty',
    'presencePenalty',
    'seed',
    'choices',
    'logprobs',
    'logitBias',
    'verbosity',
  ] as const),
  ...(['modalities', 'audio', 'user', 'store', 'previousResponseId'] as const),
];

/** Lists what the request says and this dialect has no word for. */
export function listUnsaid(job: WriteJob): void {
  for (const word of saidAmong(job.request, UNSAYABLE)) job.drop(word);
  if (job.isOwn) return;
  // Points stand after single blocks alone.
  if (job.request.extras['cache_control'] !== undefined) job.change('cache_control of the whole request→none');
  for (const path of foreignFields(job.request, (key, value) => isTaken(key, value, job))) job.drop(path);
}

function isTaken(key: string, value: Json, { maker }: WriteJob): boolean {
  return BORROWED.has(key) || (maker.takesAnthropicFields && isBetaList(key, value));
}

const LEGAL_METADATA = /^[a-zA-Z0-9\s:_@$#=/+,.-]{1,256}$/;
const MOST_METADATA = 16;

/** Metadata filters the service's invocation logs, which hold few characters and few pairs. */
export function writeMetadata(job: WriteJob): JsonObject {
  const { metadata } = job.request;
  if (metadata === undefined) return {};
  if (job.isOwn) return { requestMetadata: metadata };
  const taken: JsonObject = {};
  for (const [key, value] of Object.entries(metadata)) {
    const isLegal =
      typeof value === 'string' && LEGAL_METADATA.test(key) && /^[a-zA-Z0-9\s:_@$#=/+,.-]{0,256}$/.test(value);
    if (isLegal && Object.keys(taken).length < MOST_METADATA) taken[key] = value;
    else job.drop(`${job.said('metadata')}.${key}`);
  }
  return Object.keys(taken).length > 0 ? { requestMetadata: taken } : {};
}

/** `standard_only` elsewhere is the `default` here, and `auto` is what happens unasked. */
const SERVICE_TIERS: Record<string, string> = {
  default: 'default',
  standard: 'default',
  standard_only: 'default',
  flex: 'flex',
  priority: 'priority',
  reserved: 'reserved',
};

export function writeServiceTier(job: WriteJob): JsonObject {
  const { serviceTier } = job.request;
  if (serviceTier === undefined) return {};
  if (job.isOwn) return { serviceTier: { type: serviceTier } };
  const tier = SERVICE_TIERS[serviceTier.toLowerCase()];
  if (tier !== undefined) return { serviceTier: { type: tier } };
  if (serviceTier.toLowerCase() !== 'auto') job.drop(`${job.said('serviceTier')} ${serviceTier}`);
  return {};
}
