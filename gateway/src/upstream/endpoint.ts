import { type DialectName, generationOf } from '@xidao/dialects';
import { GatewayError } from '../core/errors.ts';
import type { Operation } from '../core/operation.ts';
import type { Endpoint } from '../providers/provider.ts';

const NOT_IN_CHAT = new Set<Operation>(['count-tokens', 'batch-embeddings']);

/** Where the operation of one dialect lives under a base URL of that dialect's official SDK. */
const PATHS: Record<DialectName, (operation: Operation, model: string, wantsStream: boolean) => string | undefined> = {
  'openai-chat': (operation) =>
    operation === 'chat' ? '/chat/completions' : NOT_IN_CHAT.has(operation) ? undefined : `/${operation}`,
  'openai-responses': (operation) => (operation === 'chat' ? '/responses' : undefined),
  'anthropic-messages': (operation) => {
    if (operation === 'chat') return '/v1/messages';
    return operation === 'count-tokens' ? '/v1/messages/count_tokens' : undefined;
  },
  gemini: (operation, model, wantsStream) => {
    const base = `/v1beta/models/${encodeModel(model)}`;
    if (operation === 'chat') return `${base}:${wantsStream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`;
    if (operation === 'count-tokens') return `${base}:countTokens`;
    if (operation === 'batch-embeddings') return `${base}:batchEmbedContents`;
    return operation === 'embeddings' ? `${base}:embedContent` : undefined;
  },
  bedrock: (operation, model, wantsStream) => {
    if (operation !== 'chat') return undefined;
    return `/model/${encodeURIComponent(model)}/${wantsStream ? 'converse-stream' : 'converse'}`;
  },
  'cohere-chat': (operation) => (operation === 'chat' ? '/v2/chat' : undefined),
  'ollama-chat': (operation) => (operation === 'chat' ? '/api/chat' : undefined),
  dashscope: (operation, model) =>
    operation === 'chat' ? `/services/aigc/${generationOf(model)}/generation` : undefined,
};

/** A model's name is a client's word: in a path it must not climb out of it. */
function encodeModel(model: string): string {
  const segments = model.split('/');
  // Dot segments climb even when percent-encoded (WHATWG URL), so no encoding makes them safe.
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    throw new GatewayError(
      'model_not_found',
      `The model name ${JSON.stringify(model.slice(0, 100))} cannot be part of a path.`,
      { param: 'model' },
    );
  }
  return segments.map(encodeURIComponent).join('/');
}

/** The URL to ask, or undefined where the endpoint offers no such operation. */
export function locate(
  dialect: DialectName,
  endpoint: Endpoint,
  ask: { operation: Operation; model: string; wantsStream: boolean; query?: string },
): URL | undefined {
  const own = endpoint.paths?.[ask.operation]
    ?.replaceAll('{model}', encodeModel(ask.model))
    .replaceAll('{method}', methodOf(ask));
  const path = own ?? PATHS[dialect](ask.operation, ask.model, ask.wantsStream);
  if (path === undefined) return undefined;
  const url = join(dialect, endpoint.baseUrl, path);
  for (const [name, value] of Object.entries(endpoint.query ?? {})) url.searchParams.set(name, value);
  for (const [name, value] of new URLSearchParams(ask.query ?? ''))
    if (!url.searchParams.has(name)) url.searchParams.append(name, value);
  return url;
}

/** What stands for `{method}` in a Gemini path of another host. */
function methodOf({ operation, wantsStream }: { operation: Operation; wantsStream: boolean }): string {
  if (operation === 'count-tokens') return 'countTokens';
  return wantsStream ? 'streamGenerateContent?alt=sse' : 'generateContent';
}

/** Joins base and path; a surplus version segment (`…/v1` + `/v1/messages`) is understood, as is a missing one for OpenAI's own dialects. */
function join(dialect: DialectName, baseUrl: string, path: string): URL {
  const base = baseUrl.replace(/\/+$/, '');
  const version = /\/(v1|v1beta)$/.exec(base)?.[1];
  if (version !== undefined && path.startsWith('/v1'))
    return new URL(base.slice(0, -version.length - 1) + path.replace(/^\/(v1beta|v1)(?=\/)/, `/${version}`));
  const isBareHost = new URL(base).pathname === '/';
  if (isBareHost && (dialect === 'openai-chat' || dialect === 'openai-responses')) return new URL(`${base}/v1${path}`);
  return new URL(base + path);
}
