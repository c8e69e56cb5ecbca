import type { Lacks, ProviderDialect } from './crossing.ts';

/** What a model behind another dialect cannot give yet, by client and provider: each a test that is expected to fail until it does. */
type LacksOf = Partial<Record<ProviderDialect, Lacks>>;

export const openaiChatLacks: LacksOf = {};
export const openaiResponsesLacks: LacksOf = {};
export const anthropicLacks: LacksOf = {};
export const genaiLacks: LacksOf = {};
export const vercelLacks: LacksOf = {};

/** The same for the cases in Python, by module. */
export const pythonLacks: Record<string, LacksOf> = {};

/** LangChain, by chat model, whatever the provider. It takes the input tokens of `message_start` alone, which come before another dialect's provider has told any, and adds that event's output tokens to the last count. */
const usageOfStart: Lacks = { 'tells the usage of a stream': 'the class reads it from message_start' };
export const langchainLacks: Record<string, Lacks> = {
  ChatAnthropic: usageOfStart,
  'ChatAnthropic at /v1': usageOfStart,
};
