import { createHash } from 'node:crypto';
import { isObject, type JsonObject } from '@xidao/dialects';
import { bearer, defineProvider } from './provider.ts';

const toolCallId = /^[a-zA-Z0-9]{9}$/;

/** Nine letters or digits, the same for the same id, so that a call and its result still find each other. */
function shortened(id: string): string {
  return toolCallId.test(id) ? id : createHash('sha256').update(id).digest('hex').slice(0, 9);
}

function adaptMessage(message: JsonObject): JsonObject {
  const adapted = { ...message };
  if (adapted['role'] === 'developer') adapted['role'] = 'system';
  if (typeof adapted['tool_call_id'] === 'string') adapted['tool_call_id'] = shortened(adapted['tool_call_id']);
  if (Array.isArray(adapted['tool_calls'])) {
    adapted['tool_calls'] = adapted['tool_calls'].map((call) =>
      isObject(call) && typeof call['id'] === 'string' ? { ...call, id: shortened(call['id']) } : call,
    );
  }
  return adapted;
}

/** The host answers unknown fields and foreign tool call ids with 422, where other hosts of this dialect read past them. */
function adaptRequest(body: JsonObject): JsonObject {
  const { seed, max_completion_tokens: limit, stream_options: _, ...adapted } = body;
  if (seed !== undefined && adapted['random_seed'] === undefined) adapted['random_seed'] = seed;
  if (limit !== undefined && adapted['max_tokens'] === undefined) adapted['max_tokens'] = limit;
  if (Array.isArray(adapted['messages'])) {
    adapted['messages'] = adapted['messages'].map((message) => (isObject(message) ? adaptMessage(message) : message));
  }
  return adapted;
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
  adaptRequest: (body, operation) => (operation === 'chat' ? adaptRequest(body) : body),
  cancelStopsBilling: false,
  docs: 'https://mistral.ai/pricing',
});
