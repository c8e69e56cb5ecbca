/** Whose error shape and headers an answer has. */
export type Surface = 'openai' | 'anthropic' | 'gemini' | 'bedrock';

/** What a request asks for. The first six are answered by a model that speaks. */
export type Operation =
  | 'chat'
  | 'completions'
  | 'responses'
  | 'messages'
  | 'generate-content'
  | 'converse'
  | 'count-tokens'
  | 'embeddings'
  | 'moderations'
  | 'models'
  | 'images'
  | 'speech'
  | 'transcription'
  | 'unknown';

export interface Route {
  surface: Surface;
  operation: Operation;
  /** The model, where the path names it (Gemini, Azure deployments, Bedrock, `GET /models/{id}`). */
  model?: string;
  /** True where the path alone says that the answer streams (Gemini, Bedrock). */
  streams?: boolean;
  /** One thing is asked for, not a list: `GET /models/{id}`, Gemini's `embedContent`. */
  single?: boolean;
}

type Pattern = [RegExp, (found: RegExpExecArray) => Route];

// Only the end of a path is looked at, so every base URL works: /v1, /openai/v1, /v1beta, none, and version-less ones.
const patterns: Pattern[] = [
  [/\/deployments\/([^/]+)\/chat\/completions$/, ([, model]) => openai('chat', model)],
  [/\/deployments\/([^/]+)\/embeddings$/, ([, model]) => openai('embeddings', model)],
  [/\/chat\/completions$/, () => openai('chat')],
  [/\/completions$/, () => openai('completions')],
  [/\/responses$/, () => openai('responses')],
  [/\/embeddings$/, () => openai('embeddings')],
  [/\/moderations$/, () => openai('moderations')],
  [/\/images\/generations$/, () => openai('images')],
  [/\/audio\/speech$/, () => openai('speech')],
  [/\/audio\/(?:transcriptions|translations)$/, () => openai('transcription')],
  [/\/messages\/count_tokens$/, () => ({ surface: 'anthropic', operation: 'count-tokens' })],
  [/\/messages$/, () => ({ surface: 'anthropic', operation: 'messages' })],
  [/\/([^/]+):generateContent$/, ([, model]) => gemini('generate-content', model, { streams: false })],
  [/\/([^/]+):streamGenerateContent$/, ([, model]) => gemini('generate-content', model, { streams: true })],
  [/\/([^/]+):countTokens$/, ([, model]) => gemini('count-tokens', model)],
  [/\/([^/]+):embedContent$/, ([, model]) => gemini('embeddings', model, { single: true })],
  [/\/([^/]+):batchEmbedContents$/, ([, model]) => gemini('embeddings', model)],
  [/\/model\/([^/]+)\/converse$/, ([, model]) => bedrock(model, false)],
  [/\/model\/([^/]+)\/converse-stream$/, ([, model]) => bedrock(model, true)],
];

/** Finds what a request asks for by its path's end; GET /models speaks the dialect that its path and headers tell. */
export function findRoute(method: string, path: string, headers: Record<string, unknown>): Route {
  if (method === 'GET') return findModels(path, headers) ?? openai('unknown');
  for (const [pattern, build] of patterns) {
    const found = pattern.exec(path);
    if (found) return build(found);
  }
  return openai('unknown');
}

function findModels(path: string, headers: Record<string, unknown>): Route | undefined {
  const found = /\/models(?:\/(.+))?$/.exec(path);
  if (!found) return undefined;
  const model = found[1] === undefined ? {} : { model: decodeURIComponent(found[1]), single: true };
  // The newer of Gemini's SDKs ask for /v1/models, as OpenAI's do; then only the key's header tells them apart.
  const isGemini = /\/v1(?:beta|alpha)\d*\//.test(path) || headers['x-goog-api-key'] !== undefined;
  if (isGemini) return { surface: 'gemini', operation: 'models', ...model };
  if (headers['anthropic-version'] !== undefined) return { surface: 'anthropic', operation: 'models', ...model };
  return { surface: 'openai', operation: 'models', ...model };
}

function openai(operation: Operation, model?: string): Route {
  return { surface: 'openai', operation, ...(model === undefined ? {} : { model: decodeURIComponent(model) }) };
}

function gemini(operation: Operation, model: string | undefined, more: Partial<Route> = {}): Route {
  return { surface: 'gemini', operation, model: decodeURIComponent(model ?? ''), ...more };
}

function bedrock(model: string | undefined, streams: boolean): Route {
  return { surface: 'bedrock', operation: 'converse', model: decodeURIComponent(model ?? ''), streams };
}
