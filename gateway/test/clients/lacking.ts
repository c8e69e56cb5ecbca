import type { Lacks, ProviderDialect } from './crossing.ts';

/** What a model behind another dialect cannot give yet, by client and provider: each a test that is expected to fail until it does. */
type LacksOf = Partial<Record<ProviderDialect, Lacks>>;

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
  'openai-chat': noThreads,
  'openai-responses': noThreads,
  gemini: {
    ...noThreads,
    'raises its error class for status 413': 'a 413 that calls itself INVALID_ARGUMENT is read as 400',
  },
  bedrock: { ...noThreads, 'parses structured output by a zod schema': noSchema },
};

export const genaiLacks: LacksOf = {
  'anthropic-messages': {
    'raises its error class for status 503': 'a 503 that calls itself api_error is read as 500',
  },
  bedrock: {
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
    bedrock: {
      parses_structured_output: noSchema,
    },
  },
};
