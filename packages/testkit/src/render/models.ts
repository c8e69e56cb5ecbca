import type { Asked } from '../asked.ts';
import type { JsonObject } from '../json.ts';
import { createdSeconds } from '../reply-script.ts';

const names = ['test-model-large', 'test-model-small'];
const createdAt = new Date(createdSeconds * 1000).toISOString();

/** The list of models, or the one asked for, in the dialect that asks. */
export function modelList(asked: Asked): JsonObject {
  const describe = describers[asked.surface];
  if (asked.single) return describe(asked.model.replace(/^models\//, ''));
  const data = names.map(describe);
  switch (asked.surface) {
    case 'anthropic':
      return { data, has_more: false, first_id: names[0], last_id: names.at(-1) };
    case 'gemini':
      return { models: data };
    default:
      return { object: 'list', data };
  }
}

const describers = {
  openai: openaiModel,
  bedrock: openaiModel,
  anthropic: (id: string): JsonObject => ({ type: 'model', id, display_name: id, created_at: createdAt }),
  gemini: (id: string): JsonObject => ({
    name: `models/${id}`,
    version: '001',
    displayName: id,
    inputTokenLimit: 1_048_576,
    outputTokenLimit: 65_536,
    supportedGenerationMethods: ['generateContent', 'countTokens'],
  }),
};

function openaiModel(id: string): JsonObject {
  return { id, object: 'model', created: createdSeconds, owned_by: 'testkit' };
}
