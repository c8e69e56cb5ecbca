import { providerDialects } from './crossing.ts';
import { vercelLacks } from './lacking.ts';
import { vercelSuite, vercelVoices } from './vercel-ai-suite.ts';

for (const voice of vercelVoices) {
  for (const provider of providerDialects) vercelSuite(voice, provider, vercelLacks[provider] ?? {});
}
