import { providerDialects } from './crossing.ts';
import { langchainLacks } from './lacking.ts';
import { langchainSuite, langchainVoices } from './langchain-suite.ts';

for (const voice of langchainVoices) {
  for (const provider of providerDialects) langchainSuite(voice, provider, langchainLacks[voice.name] ?? {});
}
