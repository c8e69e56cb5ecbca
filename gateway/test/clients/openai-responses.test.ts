import { providerDialects } from './crossing.ts';
import { openaiResponsesLacks } from './lacking.ts';
import { openaiResponsesSuite } from './openai-responses-suite.ts';

for (const provider of providerDialects)
  openaiResponsesSuite({ provider, lacks: openaiResponsesLacks[provider] ?? {} });
