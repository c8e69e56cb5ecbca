import type { DialectName } from '@xidao/dialects';
import { type Exchange, loadCorpus, replayModel, type Upstream } from '@xidao/testkit';
import type { ConfigInput } from '../../src/config/schema.ts';
import { dialectNames } from './kinds.ts';

/** A recorded exchange as a client of the gateway asks for it, in the dialect in which it was recorded. */
export interface Ask {
  exchange: Exchange;
  dialect: DialectName;
  path: string;
  body: Record<string, unknown>;
  /** True: all that was recorded of the request; false: its body was not kept, and the least that is valid stands in. */
  isRecorded: boolean;
}

const byPath: [RegExp, DialectName][] = [
  [/\/chat\/completions$/, 'openai-chat'],
  [/\/(?:completions|embeddings|moderations|images\/generations)$/, 'openai-chat'],
  [/\/responses$/, 'openai-responses'],
  [/\/messages(?:\/count_tokens)?$/, 'anthropic-messages'],
  [/:(?:generateContent|streamGenerateContent|countTokens|embedContent|batchEmbedContents)$/, 'gemini'],
];

/** The APIs of the recordings that the gateway serves to clients. */
const served = new Set([
  'chat',
  'responses',
  'messages',
  'count_tokens',
  'gemini_generate',
  'gemini_stream',
  'embeddings',
  'completions',
  'moderations',
  'images',
]);

/** How a recording is asked for, or another model with its request. Undefined: the gateway offers no such API, or the provider's path is none of a served dialect. */
export function askFor(exchange: Exchange, otherModel?: string): Ask | undefined {
  if (!served.has(exchange.api) || exchange.method !== 'POST') return undefined;
  const [path = '', query] = exchange.url.replace(/^https?:\/\/[^/]*/, '').split('?');
  const dialect = byPath.find(([pattern]) => pattern.test(path))?.[1];
  if (dialect === undefined || isOfAnotherFormat(exchange)) return undefined;
  const model = otherModel ?? `${dialect}/${replayModel(exchange)}`;
  const isRecorded = exchange.request !== null;
  const body = exchange.request ?? leastBody(dialect, path);
  if (dialect === 'gemini') {
    const [, action] = path.split(/:(?=[^:]*$)/);
    return {
      exchange,
      dialect,
      isRecorded,
      path: `/v1beta/models/${model}:${action}${query ? `?${query}` : ''}`,
      body,
    };
  }
  const operation = path.replace(
    /^.*?\/(?=(?:chat\/completions|completions|embeddings|moderations|images\/|responses|messages)(?:\/|$)|images\/)/,
    '',
  );
  const asked = { ...body, model, ...(exchange.stream && { stream: true }) };
  return { exchange, dialect, isRecorded, path: `/v1/${operation}`, body: asked };
}

/** Writer answers its completions in events of its own making. */
function isOfAnotherFormat({ provider, api, stream }: Exchange): boolean {
  return provider === 'writer' && api === 'completions' && stream;
}

function leastBody(dialect: DialectName, path: string): Record<string, unknown> {
  const message = { role: 'user', content: 'Hello' };
  if (dialect === 'openai-responses') return { input: 'Hello' };
  if (dialect === 'gemini') return { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] };
  if (dialect === 'anthropic-messages') return { max_tokens: 1024, messages: [message] };
  if (path.endsWith('/chat/completions')) return { messages: [message] };
  return path.endsWith('/completions') ? { prompt: 'Hello' } : { input: 'Hello', prompt: 'Hello' };
}

/** What stands before the paths of a dialect; nothing where it is not named. */
const versions: Partial<Record<DialectName, string>> = { 'openai-chat': '/v1', 'openai-responses': '/v1' };

/** One provider for each dialect, named after it, all on the replaying upstream. */
export function replayProviders(upstream: Upstream): ConfigInput {
  const providers = dialectNames.map((dialect) => [
    dialect,
    { dialect, base_url: upstream.url + (versions[dialect] ?? ''), api_key: 'sk-upstream' },
  ]);
  return { providers: Object.fromEntries(providers) };
}

/** All recordings, as they can be replayed. Read on the first call, then kept. */
export const loadExchanges = once(() => loadCorpus().map((exchange) => withoutRetryAdvice(asLines(exchange))));

/** Advice on when to come back would be heeded by the gateway, and the test would wait. */
function withoutRetryAdvice(exchange: Exchange): Exchange {
  const headers = Object.entries(exchange.headers).filter(([name]) => !/^retry-after/i.test(name));
  return { ...exchange, headers: Object.fromEntries(headers) };
}

/** Of a few streams of JSON lines the headers were not kept, and a document's stand in their place. */
function asLines(exchange: Exchange): Exchange {
  if (exchange.stream || exchange.api !== 'ollama_chat' || !/\}\s*\n\s*\{/.test(exchange.body ?? '')) return exchange;
  return { ...exchange, stream: true, headers: { ...exchange.headers, 'content-type': 'application/x-ndjson' } };
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

/** Runs one after the other in so many rows at once. */
export async function inRows<T>(all: readonly T[], rows: number, run: (each: T) => Promise<void>): Promise<void> {
  const rest = all[Symbol.iterator]();
  const row = async () => {
    for (const each of rest) await run(each);
  };
  await Promise.all(Array.from({ length: rows }, row));
}
