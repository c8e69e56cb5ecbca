import type { DialectName, JsonObject } from '@xidao/dialects';
import type { Call } from './core/call.ts';
import { GatewayError } from './core/errors.ts';
import { outlineBody } from './core/outline-body.ts';

/** A call that is only asked about: the body as a client would send it, and where it would send it. */
export interface RouteQuestion {
  /** Default `openai-chat`. */
  dialect?: DialectName;
  /** As a client sends it, `model` included. */
  body: JsonObject;
  /** Headers that routing looks at. */
  headers?: Record<string, string>;
}

const WATCHED = ['model', 'messages', 'input', 'contents', 'prompt_cache_key', 'max_tokens', 'max_completion_tokens'];

/** The question as a call that nobody waits for. */
export function asCall({ dialect = 'openai-chat', body, headers = {} }: RouteQuestion): Call {
  const { model } = body;
  if (typeof model !== 'string' || model === '')
    throw new GatewayError('invalid_request', 'body.model must name a model.', { param: 'body.model' });
  const bytes = Buffer.from(JSON.stringify(body));
  return {
    id: 'call_asked_about',
    dialect,
    bodyDialect: dialect,
    operation: 'chat',
    path: '',
    query: '',
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    bytes,
    model,
    wantsStream: body['stream'] === true,
    body: outlineBody(bytes, WATCHED),
    contentType: 'application/json',
    remoteAddress: '',
    startedAtMs: 0,
    startedAt: 0,
    json: () => body,
    isGone: false,
    onGone: () => () => {},
  };
}
