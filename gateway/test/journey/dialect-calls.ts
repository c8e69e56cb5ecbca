import { type ClientDialectName, type DialectName, dialects, type ModelEvent } from '@xidao/dialects';
import type { Upstream } from '@xidao/testkit';
import type { ConfigInput } from '../../src/config/schema.ts';
import { KEY } from '../a-gateway.ts';

/** A chat in one of the dialects that clients speak, as they would send it. */
export interface DialectCall {
  dialect: ClientDialectName;
  path(model: string, stream: boolean): string;
  body(model: string, text: string, stream: boolean): Record<string, unknown>;
  /** What a client of this dialect sends besides key and content type. */
  headers: Record<string, string>;
  /** The frame or line after which a stream of this dialect is known to be whole. */
  endMark: string;
}

export const DIALECT_CALLS: DialectCall[] = [
  {
    dialect: 'openai-chat',
    path: () => '/v1/chat/completions',
    body: (model, text, stream) => ({
      model,
      messages: [{ role: 'user', content: text }],
      ...(stream && { stream: true, stream_options: { include_usage: true } }),
    }),
    headers: {},
    endMark: 'data: [DONE]',
  },
  {
    dialect: 'openai-responses',
    path: () => '/v1/responses',
    body: (model, text, stream) => ({ model, input: text, ...(stream && { stream: true }) }),
    headers: {},
    endMark: '"response.completed"',
  },
  {
    dialect: 'anthropic-messages',
    path: () => '/v1/messages',
    body: (model, text, stream) => ({
      model,
      max_tokens: 1024,
      messages: [{ role: 'user', content: text }],
      ...(stream && { stream: true }),
    }),
    headers: { 'anthropic-version': '2023-06-01' },
    endMark: '"message_stop"',
  },
  {
    dialect: 'gemini',
    path: (model, stream) => `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    body: (_, text) => ({ contents: [{ role: 'user', parts: [{ text }] }] }),
    headers: {},
    endMark: '"finishReason"',
  },
];

/** The model as the upstream knows it; clients say it so, or with the provider's name in front. */
export const MODEL = 'test-model';
export const UPSTREAM_KEY = 'sk-upstream-secret-0123456789';

type ProviderInput = NonNullable<NonNullable<ConfigInput['providers']>[string]>;

/** A provider entry for an address, as the dialect's official SDK would take it. */
export function providerAt(
  url: string,
  dialect: DialectName,
  more: Partial<Exclude<ProviderInput, boolean>> = {},
): Exclude<ProviderInput, boolean> {
  const isOpenAi = dialect === 'openai-chat' || dialect === 'openai-responses';
  return {
    dialect,
    base_url: isOpenAi ? `${url}/v1` : url,
    api_key: UPSTREAM_KEY,
    models: [MODEL],
    ...more,
  };
}

/** A configuration with this upstream as its only provider, named `up`. */
export function only(
  upstream: Pick<Upstream, 'url'>,
  dialect: DialectName,
  more: Partial<Exclude<ProviderInput, boolean>> = {},
): ConfigInput {
  return { providers: { up: providerAt(upstream.url, dialect, more) } };
}

export interface Ask {
  text?: string;
  model?: string;
  stream?: boolean;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** Sends a chat of this dialect to a gateway. */
export function ask(gateway: { url: string }, call: DialectCall, how: Ask = {}): Promise<Response> {
  const { text = 'Hello', model = MODEL, stream = false, headers = {}, signal } = how;
  return fetch(gateway.url + call.path(model, stream), {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${KEY}`, ...call.headers, ...headers },
    body: JSON.stringify(call.body(model, text, stream)),
    ...(signal !== undefined && { signal }),
  });
}

/** Sends any JSON (or these bytes) with the test's key. */
export function post(
  gateway: { url: string },
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  const isBytes = typeof body === 'string' || body instanceof Uint8Array || body instanceof FormData;
  return fetch(gateway.url + path, {
    method: 'POST',
    headers: {
      ...(!(body instanceof FormData) && { 'content-type': 'application/json' }),
      authorization: `Bearer ${KEY}`,
      ...headers,
    },
    body: isBytes ? (body as NonNullable<RequestInit['body']>) : JSON.stringify(body),
  });
}

/** The events that a whole stream tells. */
export function eventsOf(dialect: DialectName, body: string | Uint8Array): ModelEvent[] {
  const reader = dialects[dialect].createReader();
  return [...reader.push(typeof body === 'string' ? Buffer.from(body) : body), ...reader.finish()];
}

/** The text that a stream tells. */
export function textOf(dialect: DialectName, body: string | Uint8Array): string {
  return eventsOf(dialect, body)
    .map((event) => (event.type === 'text-delta' ? event.text : ''))
    .join('');
}

/** The complete frames of an event stream, and what is left of a half one. */
export function framesOf(body: string): { frames: string[]; rest: string } {
  const frames = body.split(/(?<=\r?\n\r?\n)/).filter((frame) => frame !== '');
  const last = frames.at(-1);
  const isWhole = last === undefined || /\r?\n\r?\n$/.test(last);
  return isWhole ? { frames, rest: '' } : { frames: frames.slice(0, -1), rest: last };
}
