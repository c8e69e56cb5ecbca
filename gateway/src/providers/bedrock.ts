import { claudeModelTraits } from './anthropic.ts';
import { bearer, defineProvider, type Provider } from './provider.ts';

const region = {
  env: ['AWS_REGION', 'AWS_DEFAULT_REGION'],
  default: 'us-east-1',
  about: 'the AWS region, such as `eu-central-1`',
};

/** Who asks, for those who have no API key of the service; the names are those of every AWS tool. */
const accessKey: NonNullable<Provider['keyless']>['settings'] = {
  access_key_id: { env: ['AWS_ACCESS_KEY_ID'], about: 'the id of the AWS access key' },
  secret_access_key: { env: ['AWS_SECRET_ACCESS_KEY'], about: 'its secret' },
  session_token: { env: ['AWS_SESSION_TOKEN'], about: 'the token of temporary credentials', isOptional: true },
};

/** The Converse API, with a Bedrock API key (a bearer token) or an access key that signs each request. */
export const bedrock = defineProvider({
  name: 'bedrock',
  aliases: ['aws', 'aws-bedrock', 'amazon-bedrock'],
  title: 'Amazon Bedrock',
  env: ['AWS_BEARER_TOKEN_BEDROCK'],
  auth: bearer,
  keyless: { auth: { kind: 'sigv4', service: 'bedrock' }, settings: accessKey },
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
