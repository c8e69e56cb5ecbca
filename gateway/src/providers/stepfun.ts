import { bearer, defineProvider } from './provider.ts';

export const stepfun = defineProvider({
  name: 'stepfun',
  aliases: ['step'],
  title: 'StepFun',
  env: ['STEPFUN_API_KEY', 'STEP_API_KEY'],
  auth: bearer,
  speaks: {
    'openai-chat': { baseUrl: 'https://api.stepfun.com/v1' },
    'openai-responses': { baseUrl: 'https://api.stepfun.com/v1' },
    'anthropic-messages': { baseUrl: 'https://api.stepfun.com' },
  },
  modelDialects: [{ pattern: /^(?!step-3\.7-flash)/, dialects: ['openai-chat', 'anthropic-messages'] }],
  traits: { maxTokensField: 'max_tokens', takesDeveloperRole: false, reasoningField: 'reasoning' },
  docs: 'https://platform.stepfun.com/docs/zh/overview/concept',
});
