import { claudeModelTraits } from './anthropic.ts';
import { bearer, defineProvider } from './provider.ts';

const region = {
  env: ['AWS_REGION', 'AWS_DEFAULT_REGION'],
  default: 'us-east-1',
  about: 'the AWS region, such as `eu-central-1`',
};

/** The Converse API with a Bedrock API key, which travels as a bearer token. */
export const bedrock = defineProvider({
  name: 'bedrock',
  aliases: ['aws', 'aws-bedrock', 'amazon-bedrock'],
  title: 'Amazon Bedrock',
  env: ['AWS_BEARER_TOKEN_BEDROCK'],
  auth: bearer,
  speaks: { bedrock: { baseUrl: 'https://bedrock-runtime.{region}.amazonaws.com' } },
  settings: { region },
  modelsPath: 'https://bedrock.{region}.amazonaws.com/foundation-models',
  traits: { takesMediaUrls: false },
  modelTraits: claudeModelTraits,
  priceBook: 'aws',
  cacheRates: { write1h: 2 },
  cancelStopsBilling: false,
  docs: 'https://aws.amazon.com/bedrock/pricing/',
});
