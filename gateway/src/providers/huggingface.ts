import { bearer, defineProvider } from './provider.ts';

export const huggingface = defineProvider({
  name: 'huggingface',
  aliases: ['hf'],
  title: 'Hugging Face Inference Providers',
  env: ['HF_TOKEN', 'HUGGINGFACE_API_KEY'],
  auth: bearer,
  speaks: {
    'openai-chat': { baseUrl: 'https://router.huggingface.co/v1' },
    'openai-responses': { baseUrl: 'https://router.huggingface.co/v1' },
  },
  traits: { maxTokensField: 'max_tokens' },
  cancelStopsBilling: false,
  docs: 'https://huggingface.co/docs/inference-providers/pricing',
});
