import { providerDialects } from './crossing.ts';
import { genaiSuite } from './genai-suite.ts';
import { genaiLacks } from './lacking.ts';

for (const provider of providerDialects) genaiSuite({ provider, lacks: genaiLacks[provider] ?? {} });
