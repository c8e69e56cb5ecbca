import type { Json, JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import type { ModelRequest } from '../request.ts';
import { readThinking } from './read-settings.ts';
import type { Setting, WriteJob } from './write-job.ts';

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
    else job.drop(key);
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

/** Lists every setting that this dialect has no word for. One at its default says nothing and goes unlisted. */
export function listUnsaid(job: WriteJob): void {
  const { request } = job;
  const unsaid: Partial<Record<Setting, boolean>> = {
    minP: request.minP !== undefined && request.minP !== 0,
    frequencyPenalty: request.frequencyPenalty !== undefined && request.frequencyPenalty !== 0,
    presencePenalty: request.presencePenalty !== undefined && request.presencePenalty !== 0,
    seed: request.seed !== undefined,
    choices: request.choices !== undefined && request.choices > 1,
    logprobs: request.logprobs !== undefined,
    logitBias: Object.keys(request.logitBias ?? {}).length > 0,
    verbosity: request.verbosity !== undefined && request.verbosity !== 'medium',
    modalities: (request.modalities ?? []).some((kind) => kind.toLowerCase() !== 'text'),
    audio: request.audio !== undefined,
    user: request.user !== undefined,
    previousResponseId: request.previousResponseId !== undefined,
  };
  for (const [setting, isLost] of Object.entries(unsaid)) if (isLost) job.drop(job.said(setting as Setting));
  if (!job.isOwn) for (const path of request.unread) job.drop(path);
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
