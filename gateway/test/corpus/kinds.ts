import { type DialectName, dialects } from '@xidao/dialects';
import type { Exchange } from '@xidao/testkit';

/** Every dialect that is built. */
export const dialectNames = Object.keys(dialects) as DialectName[];

interface Kind {
  /** The recording's own name of what was asked. */
  api: string;
  /** Where one name stands for several formats: whose it is, and at which path. */
  provider?: string;
  path?: RegExp;
  dialect: string;
}

/**
 * The recordings in which a model answers, and the dialect it speaks; the first line that fits counts. A line whose dialect is not built is passed over, so that a dialect that
 * is added brings its recordings with it.
 */
const kinds: readonly Kind[] = [
  { api: 'chat', dialect: 'openai-chat' },
  { api: 'cohere_chat', provider: 'writer', dialect: 'openai-chat' },
  { api: 'responses', dialect: 'openai-responses' },
  { api: 'messages', dialect: 'anthropic-messages' },
  { api: 'gemini_generate', dialect: 'gemini' },
  { api: 'gemini_stream', dialect: 'gemini' },
  { api: 'converse', dialect: 'bedrock' },
  { api: 'converse_stream', dialect: 'bedrock' },
  { api: 'cohere_chat', provider: 'cohere', path: /\/v2\/chat$/, dialect: 'cohere-chat' },
  { api: 'ollama_chat', dialect: 'ollama-chat' },
  { api: 'dashscope_native', dialect: 'dashscope' },
];

/** Why a model's answers of a kind are not among the translations. */
const leftOut: Record<string, string> = {
  anthropic_complete: 'the API before Messages, which its provider has replaced',
  bedrock_invoke: 'InvokeModel: each maker’s own format, where Converse has one for all',
  bedrock_invoke_stream: 'InvokeModel: each maker’s own format, where Converse has one for all',
  cohere_chat: 'the first version of the API, which its provider has replaced',
  gemini_interactions: 'no dialect of this API',
  ollama_generate: 'a prompt and no conversation',
  completions: 'a prompt and no conversation: to clients of its own dialect only',
};

/** The dialect of a recorded answer of a model. Undefined: no model spoke, or in a dialect that is none of ours. */
export function dialectOfRecording(exchange: Exchange): DialectName | undefined {
  const dialect = kindOf(exchange)?.dialect;
  return dialect !== undefined && isBuilt(dialect) ? dialect : undefined;
}

/** Why a recording is not translated. */
export function whyLeftOut(exchange: Exchange): string {
  const kind = kindOf(exchange);
  if (kind !== undefined) return `no dialect ${kind.dialect}`;
  return leftOut[exchange.api] ?? 'no conversation with a model';
}

function kindOf({ api, provider, url }: Exchange): Kind | undefined {
  const path = url.replace(/\?.*/, '');
  return kinds.find(
    (kind) =>
      kind.api === api &&
      (kind.provider === undefined || kind.provider === provider) &&
      (kind.path === undefined || kind.path.test(path)),
  );
}

function isBuilt(dialect: string): dialect is DialectName {
  return (dialectNames as string[]).includes(dialect);
}
