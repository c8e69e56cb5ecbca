import { createHash } from 'node:crypto';
import { isObject, type JsonObject } from '@xidao/dialects';
import { type AdaptedRequest, bearer, defineProvider } from './provider.ts';

const toolCallId = /^[a-zA-Z0-9]{9}$/;

/** Nine letters or digits, the same for the same id, so that a call and its result still find each other. */
function shortened(id: string): string {
  return toolCallId.test(id) ? id : createHash('sha256').update(id).digest('hex').slice(0, 9);
}

/**
 * What chat clients send and the host's schema (https://docs.mistral.ai/api/endpoint/chat) has no word for. It forbids what it does not know
 * (422 `extra_forbidden`), so these go; any other unknown field stays, as the schema grows.
 */
const FORBIDDEN = [
  'audio',
  'function_call',
  'functions',
  'logit_bias',
  'logprobs',
  'min_p',
  'modalities',
  'prompt_cache_key',
  'prompt_cache_retention',
  'safety_identifier',
  'service_tier',
  'store',
  'top_k',
  'top_logprobs',
  'user',
  'verbosity',
  'web_search_options',
];
/** The same for fields that answers of other hosts have, and that clients send back with their history. */
const FORBIDDEN_IN_MESSAGES = [
  'annotations',
  'audio',
  'function_call',
  'name',
  'reasoning',
  'reasoning_content',
  'reasoning_details',
  'refusal',
];
/** In the message of a tool the name is known. */
const TOOL_FIELDS = new Set(['name']);

function adaptMessage(message: JsonObject, path: string, dropped: string[]): JsonObject {
  const adapted = { ...message };
  for (const field of FORBIDDEN_IN_MESSAGES) {
    if (adapted[field] === undefined || (adapted['role'] === 'tool' && TOOL_FIELDS.has(field))) continue;
    // An empty field says nothing that could be lost.
    if (isTelling(adapted[field])) dropped.push(`${path}.${field}`);
    delete adapted[field];
  }
  if (adapted['role'] === 'developer') adapted['role'] = 'system';
  if (typeof adapted['tool_call_id'] === 'string') adapted['tool_call_id'] = shortened(adapted['tool_call_id']);
  if (Array.isArray(adapted['tool_calls'])) {
    adapted['tool_calls'] = adapted['tool_calls'].map((call) =>
      isObject(call) && typeof call['id'] === 'string' ? { ...call, id: shortened(call['id']) } : call,
    );
  }
  return adapted;
}

function isTelling(value: JsonObject[string]): boolean {
  return value !== null && value !== '' && !(Array.isArray(value) && value.length === 0);
}

/** The host answers unknown fields and foreign tool call ids with 422, where other hosts of this dialect read past them. */
function adaptRequest(body: JsonObject): AdaptedRequest {
  // Usage comes unasked, so that wish is granted without its words.
  const { seed, max_completion_tokens: limit, stream_options: _, ...adapted } = body;
  const dropped: string[] = [];
  for (const field of FORBIDDEN) {
    if (adapted[field] === undefined) continue;
    if (isTelling(adapted[field])) dropped.push(field);
    delete adapted[field];
  }
  if (seed !== undefined && adapted['random_seed'] === undefined) adapted['random_seed'] = seed;
  if (limit !== undefined && adapted['max_tokens'] === undefined) adapted['max_tokens'] = limit;
  if (Array.isArray(adapted['messages'])) {
    adapted['messages'] = adapted['messages'].map((message, at) =>
      isObject(message) ? adaptMessage(message, `messages[${at}]`, dropped) : message,
    );
  }
  return { body: adapted, dropped };
}

export const mistral = defineProvider({
  name: 'mistral',
  aliases: ['mistralai', 'mistral-ai'],
  title: 'Mistral AI',
  env: ['MISTRAL_API_KEY'],
  auth: bearer,
  speaks: {
    'openai-chat': {
      baseUrl: 'https://api.mistral.ai/v1',
      operations: ['embeddings', 'moderations', 'audio/transcriptions'],
    },
  },
  traits: {
    maxTokensField: 'max_tokens',
    takesDeveloperRole: false,
    // Usage comes in the last chunk of every stream, unasked.
    takesStreamOptions: false,
    toolCallId,
  },
  adaptRequest: (body, operation) => (operation === 'chat' ? adaptRequest(body) : { body }),
  cancelStopsBilling: false,
  docs: 'https://mistral.ai/pricing',
});
