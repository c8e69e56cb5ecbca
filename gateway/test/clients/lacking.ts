import type { Lacks, ProviderDialect } from './crossing.ts';

/** What a model behind another dialect cannot give yet, by client and provider: each a test that is expected to fail until it does. */
type LacksOf = Partial<Record<ProviderDialect, Lacks>>;

export const openaiChatLacks: LacksOf = {};
export const openaiResponsesLacks: LacksOf = {};
export const anthropicLacks: LacksOf = {};
export const genaiLacks: LacksOf = {};

/** The same for the cases in Python, by module. */
export const pythonLacks: Record<string, LacksOf> = {};
