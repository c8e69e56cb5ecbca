import { anthropicSuite } from './anthropic-suite.ts';
import { providerDialects } from './crossing.ts';
import { anthropicLacks } from './lacking.ts';

for (const provider of providerDialects) anthropicSuite({ provider, lacks: anthropicLacks[provider] ?? {} });
