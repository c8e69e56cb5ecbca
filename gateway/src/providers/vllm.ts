import { bearer, defineProvider } from './provider.ts';

/** On this machine by default; its key is the one given to `vllm serve --api-key`, if any. */
export const vllm = defineProvider({
  name: 'vllm',
  title: 'vLLM',
  env: ['VLLM_API_KEY'],
  auth: bearer,
  speaks: {
    'openai-chat': {
      baseUrl: 'http://127.0.0.1:8000/v1',
      operations: ['completions', 'embeddings', 'audio/transcriptions', 'audio/translations'],
    },
    'openai-responses': { baseUrl: 'http://127.0.0.1:8000/v1' },
    'anthropic-messages': { baseUrl: 'http://127.0.0.1:8000', operations: ['count-tokens'] },
  },
  needsKey: false,
  docs: 'https://docs.vllm.ai/en/stable/serving/online_serving/',
});
