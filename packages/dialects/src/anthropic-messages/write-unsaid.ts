import { isObject, type JsonObject } from '../json.ts';
import type { ModelRequest } from '../request.ts';
import { readThinking } from './read-settings.ts';
import type { Setting, WriteJob } from './write-job.ts';

/** Fields of this dialect that clients of others send along to it, under the same name and in the same form. */
const BORROWED = new Set(['context_management', 'container', 'mcp_servers', 'inference_geo', 'speed']);

/** Top-level fields without a place in the model: the client's own come back, others stand in the receipt. */
export function writeExtras(job: WriteJob): { fields: JsonObject; headers: Record<string, string> } {
  const fields: JsonObject = {};
  const headers: Record<string, string> = {};
  for (const [key, value] of Object.entries(job.request.extras)) {
    if (key === 'betas' && job.isOwn && Array.isArray(value)) {
      // SDKs take betas as a field and send them as a header; the API refuses the field.
      headers['anthropic-beta'] = value.join(',');
    } else if (job.isOwn) {
      if (!key.includes('.')) fields[key] = value;
    } else if (BORROWED.has(key)) fields[key] = value;
    else job.drop(key);
  }
  return { fields, headers };
}

/** Clients of other dialects send `thinking` in this dialect's form to models of this dialect: then it is read as such. */
export function borrowThinking(request: ModelRequest): ModelRequest {
  const { thinking, ...extras } = request.extras;
  if (request.origin === 'anthropic-messages' || request.reasoning !== undefined || !isObject(thinking)) return request;
  const borrowed: ModelRequest = { ...request, extras };
  try {
    readThinking(thinking, borrowed);
    return borrowed;
  } catch {
    return request;
  }
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
    metadata: Object.keys(request.metadata ?? {}).length > 0,
    previousResponseId: request.previousResponseId !== undefined,
  };
  for (const [setting, isLost] of Object.entries(unsaid)) if (isLost) job.drop(job.said(setting as Setting));
  if (!job.isOwn) for (const path of request.unread) job.drop(path);
}
