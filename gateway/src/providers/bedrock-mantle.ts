import { bearer, defineProvider } from './provider.ts';

/** Bedrock's OpenAI-compatible engine; it serves fewer models than Converse, under other names. */
export const bedrockMantle = defineProvider({
  name: 'bedrock-mantle',
  title: 'Amazon Bedrock (OpenAI-compatible)',
  env: ['AWS_BEARER_TOKEN_BEDROCK'],
  auth: bearer,
  speaks: {
    'openai-chat': { baseUrl: 'https://bedrock-mantle.{region}.api.aws/v1' },
    'openai-responses': { baseUrl: 'https://bedrock-mantle.{region}.api.aws/v1' },
  },
  settings: {
    region: {
      env: ['AWS_REGION', 'AWS_DEFAULT_REGION'],
      default: 'us-east-1',
      about: 'the AWS region, such as `eu-central-1`',
    },
  },
  listsNoModels: true,
  priceBook: 'aws',
  docs: 'https://docs.aws.amazon.com/bedrock/latest/userguide/bedrock-mantle.html',
});
