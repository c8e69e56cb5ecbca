import { providerDialects } from './crossing.ts';
import { openaiChatLacks } from './lacking.ts';
import { openaiChatSuite } from './openai-chat-suite.ts';

for (const provider of providerDialects) openaiChatSuite({ provider, lacks: openaiChatLacks[provider] ?? {} });
