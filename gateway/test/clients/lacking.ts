import type { Lacks, ProviderDialect } from './crossing.ts';

/** What a model behind another dialect cannot give yet, by client and provider: each a test that is expected to fail until it does. */
type LacksOf = Partial<Record<ProviderDialect, Lacks>>;

const noSchema = "the testkit's upstream does not look for a schema where Bedrock has it";

export const openaiChatLacks: LacksOf = {
  bedrock: { 'parses structured output by a zod schema': noSchema },
};

export const openaiResponsesLacks: LacksOf = {
  bedrock: { 'parses structured output by a zod schema': noSchema },
};

export const anthropicLacks: LacksOf = {
  bedrock: { 'parses structured output by a zod schema': noSchema },
};

export const genaiLacks: LacksOf = {
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
