import type { IncomingHttpHeaders } from 'node:http';
import type { DialectName } from '@xidao/dialects';

interface HeaderRules {
  /** Client headers that pass, by the beginning of their names. All others stay here: credentials, cookies, hop-by-hop headers. */
  prefixes: string[];
  defaults: Record<string, string>;
}

const RULES: Record<DialectName, HeaderRules> = {
  'openai-chat': { prefixes: ['openai-beta'], defaults: {} },
  'openai-responses': { prefixes: ['openai-beta'], defaults: {} },
  // An open list, as clients expect of a gateway: betas come and go.
  'anthropic-messages': { prefixes: ['anthropic-'], defaults: { 'anthropic-version': '2023-06-01' } },
  gemini: { prefixes: ['x-goog-request-params', 'x-goog-api-client'], defaults: {} },
  bedrock: { prefixes: [], defaults: {} },
  'cohere-chat': { prefixes: [], defaults: {} },
  'ollama-chat': { prefixes: [], defaults: {} },
  dashscope: { prefixes: [], defaults: {} },
};

const NEVER = new Set(['anthropic-dangerous-direct-browser-access']);

/** The client's headers that mean something to a host of the same dialect; for another dialect, only its defaults. Not to be changed by who gets them. */
export function headersToForward(
  from: DialectName,
  to: DialectName,
  headers: IncomingHttpHeaders,
): Readonly<Record<string, string>> {
  const { prefixes, defaults } = RULES[to];
  // Most calls bring nothing to forward, and get the defaults as they stand.
  let forwarded: Record<string, string> | undefined;
  if (from === to && prefixes.length > 0) {
    for (const name in headers) {
      if (!startsWithOne(name, prefixes) || NEVER.has(name)) continue;
      const value = headers[name];
      if (typeof value !== 'string') continue;
      forwarded ??= { ...defaults };
      forwarded[name] = value;
    }
  }
  const traceparent = headers['traceparent'];
  if (typeof traceparent === 'string') {
    forwarded ??= { ...defaults };
    forwarded['traceparent'] = traceparent;
  }
  const idempotencyKey = headers['idempotency-key'];
  if (from === to && typeof idempotencyKey === 'string') {
    forwarded ??= { ...defaults };
    forwarded['idempotency-key'] = idempotencyKey;
  }
  return forwarded ?? defaults;
}

function startsWithOne(name: string, prefixes: readonly string[]): boolean {
  for (const prefix of prefixes) if (name.startsWith(prefix)) return true;
  return false;
}

/** Whether a count of tokens is `measured` by the provider's own tokenizer or `estimated`; a gateway further on may have told already. */
export const HOW_COUNTED = 'x-xidao-token-count';

const PASSED_BACK = [
  HOW_COUNTED,
  'ratelimit',
  'ratelimit-policy',
  'ratelimit-limit',
  'ratelimit-remaining',
  'ratelimit-reset',
  'retry-after',
  'retry-after-ms',
  'x-should-retry',
  'openai-version',
  'openai-model',
  'anthropic-organization-id',
];

/** The host's answer headers that clients may see: rate limits and retry advice, nothing that frames bytes or sets cookies. */
export function headersToPassBack(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (typeof value !== 'string') continue;
    if (name.startsWith('x-ratelimit-') || name.startsWith('anthropic-ratelimit-') || PASSED_BACK.includes(name))
      passed[name] = value;
    else if (name === 'x-request-id' || name === 'request-id') passed['x-upstream-request-id'] = value;
  }
  return passed;
}
