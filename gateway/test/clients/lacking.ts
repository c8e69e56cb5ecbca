import type { Lacks, ProviderDialect } from './crossing.ts';

/** What a model behind another dialect cannot give yet, by client and provider: each a test that is expected to fail until it does. */
type LacksOf = Partial<Record<ProviderDialect, Lacks>>;

const countTokens = {
  'counts the tokens of a request': 'count_tokens is neither forwarded to another dialect nor estimated',
};

const noThreads = {
  "runs the SDK's own tool loop":
    '`thread` is dropped instead of refused (400 thread_unsupported_request), so the SDK does not send the conversation',
};
const noSchema = "the testkit's upstream does not look for a schema where Bedrock has it";

export const openaiChatLacks: LacksOf = {
  bedrock: { 'parses structured output by a zod schema': noSchema },
};

export const openaiResponsesLacks: LacksOf = {
  bedrock: { 'parses structured output by a zod schema': noSchema },
};

export const anthropicLacks: LacksOf = {
  'openai-chat': { ...countTokens, ...noThreads },
  'openai-responses': { ...countTokens, ...noThreads },
  gemini: {
    ...countTokens,
    ...noThreads,
    'raises its error class for status 413': 'a 413 that calls itself INVALID_ARGUMENT is read as 400',
  },
  bedrock: { ...countTokens, ...noThreads, 'parses structured output by a zod schema': noSchema },
};

export const genaiLacks: LacksOf = {
  'openai-chat': countTokens,
  'openai-responses': countTokens,
  'anthropic-messages': {
    ...countTokens,
    'raises its error class for status 503': 'a 503 that calls itself api_error is read as 500',
  },
  bedrock: {
    ...countTokens,
    'gives structured output by a response schema': noSchema,
    'gives structured output by a JSON schema': noSchema,
  },
};

/** The same for the cases in Python, by module. */
export const pythonLacks: Record<string, LacksOf> = {
  openai_cases: {
    bedrock: {
      chat_parses_structured_output: noSchema,
      responses_parses_structured_output: noSchema,
    },
  },
  anthropic_cases: {
    'openai-chat': { counts_tokens: countTokens['counts the tokens of a request'] },
    'openai-responses': { counts_tokens: countTokens['counts the tokens of a request'] },
    gemini: { counts_tokens: countTokens['counts the tokens of a request'] },
    bedrock: {
      counts_tokens: countTokens['counts the tokens of a request'],
      parses_structured_output: noSchema,
    },
  },
};
