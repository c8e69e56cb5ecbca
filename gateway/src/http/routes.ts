import type { DialectName } from '@xidao/dialects';
import { nearestNames } from '../core/nearest.ts';
import type { Operation } from '../core/operation.ts';

/** What a path means. */
export type Route =
  | { kind: 'call'; dialect: DialectName; operation: Operation; model?: string; stream?: boolean; tolerated: boolean }
  | { kind: 'models'; id?: string; shape: 'superset' | 'gemini'; tolerated: boolean }
  | { kind: 'responses'; id: string; action: 'response' | 'input_items' | 'cancel'; tolerated: boolean }
  | { kind: 'admin' }
  | { kind: 'dashboard' }
  | { kind: 'root' | 'health' | 'ready' | 'metrics' }
  | { kind: 'unknown'; nearest: string };

const chat = (operation: Operation) => ({ dialect: 'openai-chat' as const, operation });

/** The data plane's paths, without the version or vendor prefix that base URLs put before them. */
const CALLS: Record<string, { dialect: DialectName; operation: Operation }> = {
  '/chat/completions': chat('chat'),
  '/completions': chat('completions'),
  '/embeddings': chat('embeddings'),
  '/moderations': chat('moderations'),
  '/content/moderation': chat('moderations'),
  '/images/generations': chat('images/generations'),
  '/images/edits': chat('images/edits'),
  '/images/variations': chat('images/variations'),
  '/audio/speech': chat('audio/speech'),
  '/audio/transcriptions': chat('audio/transcriptions'),
  '/audio/translations': chat('audio/translations'),
  '/responses': { dialect: 'openai-responses', operation: 'chat' },
  '/messages': { dialect: 'anthropic-messages', operation: 'chat' },
  '/messages/count_tokens': { dialect: 'anthropic-messages', operation: 'count-tokens' },
};

const OWN: Record<string, Route> = {
  '/': { kind: 'root' },
  '/health': { kind: 'health' },
  '/ready': { kind: 'ready' },
  '/metrics': { kind: 'metrics' },
  '/openapi.json': { kind: 'admin' },
};

/** Segments that official and other SDKs put before the path proper, in any number: `/v1/v1/messages`, `/openai/v1/…`, none at all. */
const PREFIXES = new Set(['v1', 'v1beta', 'v1alpha', 'openai', 'anthropic', 'gemini', 'google', 'api']);

const GEMINI_ACTIONS: Record<string, { operation: Operation; stream?: boolean }> = {
  generateContent: { operation: 'chat', stream: false },
  streamGenerateContent: { operation: 'chat', stream: true },
  countTokens: { operation: 'count-tokens' },
  embedContent: { operation: 'embeddings' },
  batchEmbedContents: { operation: 'batch-embeddings' },
};

/** Finds what a path (without query) means. Never redirects: clients lose their key or give up on one. */
export function findRoute(path: string): Route {
  const own = OWN[path];
  if (own !== undefined) return own;
  if (path.startsWith('/admin/')) return { kind: 'admin' };
  if (path === '/dashboard' || path.startsWith('/dashboard/')) return { kind: 'dashboard' };
  const segments = path.split('/').filter((segment) => segment !== '');
  let skipped = 0;
  while (skipped < segments.length && PREFIXES.has(segments[skipped]!)) skipped += 1;
  const rest = segments.slice(skipped);
  const tolerated = path !== `/v1/${rest.join('/')}` && path !== `/v1beta/${rest.join('/')}`;
  return (
    azureRoute(rest) ??
    modelsRoute(rest, segments[skipped - 1], tolerated) ??
    callRoute(rest, tolerated) ??
    responsesRoute(rest, tolerated) ??
    unknown(rest)
  );
}

function callRoute(rest: string[], tolerated: boolean): Route | undefined {
  const call = CALLS[`/${rest.join('/')}`];
  return call && { kind: 'call', ...call, tolerated };
}

/** `/models`, `/models/{id}` (ids hold slashes) and Gemini's `/models/{model}:{action}`. */
function modelsRoute(rest: string[], version: string | undefined, tolerated: boolean): Route | undefined {
  if (rest[0] !== 'models') return undefined;
  const id = decode(rest.slice(1).join('/'));
  const shape = version === 'v1beta' || version === 'v1alpha' ? 'gemini' : 'superset';
  if (id === '') return { kind: 'models', shape, tolerated };
  const colon = id.lastIndexOf(':');
  const action = colon === -1 ? undefined : GEMINI_ACTIONS[id.slice(colon + 1)];
  if (action === undefined) return { kind: 'models', id, shape, tolerated };
  return { kind: 'call', dialect: 'gemini', model: id.slice(0, colon), tolerated, ...action };
}

/** What OpenAI offers under `/responses` besides single responses, and the gateway does not. */
const NOT_IDS = new Set(['compact', 'input_tokens']);

/** `/responses/{id}`, `/responses/{id}/input_items` and `/responses/{id}/cancel`. */
function responsesRoute([first, id, action = 'response', ...more]: string[], tolerated: boolean): Route | undefined {
  if (first !== 'responses' || id === undefined || NOT_IDS.has(id) || more.length > 0) return undefined;
  if (action !== 'response' && action !== 'input_items' && action !== 'cancel') return undefined;
  return { kind: 'responses', id: decode(id), action, tolerated };
}

/** Azure's SDK puts the model into the path: `/openai/deployments/{model}/chat/completions`. */
function azureRoute(rest: string[]): Route | undefined {
  if (rest[0] !== 'deployments' || rest[1] === undefined) return undefined;
  const call = CALLS[`/${rest.slice(2).join('/')}`];
  return call && { kind: 'call', ...call, model: decode(rest[1]), tolerated: true };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function unknown(rest: string[]): Route {
  const [nearest] = nearestNames(`/${rest.join('/')}`, Object.keys(CALLS), 1);
  return { kind: 'unknown', nearest: `/v1${nearest ?? '/chat/completions'}` };
}

/** The dialect in which to refuse a call whose path is not known. */
export function dialectOfPath(path: string): DialectName {
  if (path.includes('/messages') || path.includes('/anthropic')) return 'anthropic-messages';
  if (path.includes('/v1beta') || path.includes('/v1alpha')) return 'gemini';
  return 'openai-chat';
}
