import { geminiModelTraits } from './gemini.ts';
import { bearer, defineProvider } from './provider.ts';

const model = '/v1/projects/{project}/locations/{location}/publishers/google/models/{model}:{method}';

/** Gemini on Google Cloud. The key is an access token (`gcloud auth print-access-token`), which lasts an hour; a service account gets its own. */
export const vertex = defineProvider({
  name: 'vertex',
  aliases: ['vertex-ai', 'google-vertex'],
  title: 'Google Vertex AI',
  env: ['VERTEX_ACCESS_TOKEN', 'GOOGLE_VERTEX_ACCESS_TOKEN'],
  auth: bearer,
  keyless: {
    auth: { kind: 'jwt-grant', scope: 'https://www.googleapis.com/auth/cloud-platform' },
    settings: {
      credentials: {
        env: ['GOOGLE_APPLICATION_CREDENTIALS'],
        about: 'the path of the JSON file of a service account, or its text',
      },
    },
  },
  speaks: {
    gemini: {
      baseUrl: 'https://{location}-aiplatform.googleapis.com',
      operations: ['count-tokens'],
      paths: { chat: model, 'count-tokens': model },
    },
  },
  regions: { global: { gemini: 'https://aiplatform.googleapis.com' } },
  settings: {
    project: { env: ['GOOGLE_CLOUD_PROJECT', 'VERTEX_PROJECT'], about: 'the Google Cloud project' },
    location: {
      env: ['GOOGLE_CLOUD_LOCATION', 'VERTEX_LOCATION'],
      default: 'global',
      about: 'the location that serves the model, such as `us-central1`',
    },
  },
  modelsPath: '/v1beta1/publishers/google/models',
  modelTraits: geminiModelTraits,
  modelFacts: 'gemini',
  priceBook: 'google',
  cancelStopsBilling: false,
  docs: 'https://cloud.google.com/vertex-ai/generative-ai/pricing',
});
