import type { Setting } from '../client-words.ts';
import { isObject, type JsonObject } from '../json.ts';
import type { ModelRequest } from '../request.ts';
import { foreignFields, saidAmong } from '../unsaid.ts';
import { readThinking } from './read-settings.ts';
import type { WriteJob } from './write-job.ts';

/** Fields of this dialect that clients of others send along to it, under the same name and in the same form. */
const BORROWED = new Set(['cache_control', 'context_management', 'container', 'mcp_servers', 'inference_geo', 'speed']);

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
  ...(['modalities', 'audio', 'metadata', 'store', 'previousResponseId'] as const),
];

/** Lists what the request says and this dialect has no word for. */
export function listUnsaid(job: WriteJob): void {
  for (const word of saidAmong(job.request, UNSAYABLE)) job.drop(word);
  if (!job.isOwn) for (const path of foreignFields(job.request, (key) => BORROWED.has(key))) job.drop(path);
}
