import type { DialectName } from '@xidao/dialects';
import { type Agent, request } from 'undici';
import type { Auth, Endpoint } from '../providers/provider.ts';

/** What a free question to a host told: it answers; it refuses the key; it is not there. */
export type HostHealth = 'up' | 'refuses-key' | 'down';

export interface HostCheck {
  dialect: DialectName;
  endpoint: Endpoint;
  auth: Auth;
  credential: string | undefined;
  headers: Record<string, string>;
  /** Relative to the endpoint, or a full URL; the dialect's own list of models where it is absent. */
  modelsPath: string | undefined;
  agent: Agent;
  timeoutMs: number;
}

/** Where the dialects list their models, under a base URL as their official SDKs take it. */
const MODELS_PATHS: Partial<Record<DialectName, string>> = {
  'openai-chat': '/models',
  'openai-responses': '/models',
  'anthropic-messages': '/v1/models',
  gemini: '/v1beta/models',
  'ollama-chat': '/api/tags',
};

/** Whether a host can be asked for free at all: where signing in takes more than a header, it is not. */
export function canBeChecked({ dialect, auth }: Pick<HostCheck, 'dialect' | 'auth'>): boolean {
  return MODELS_PATHS[dialect] !== undefined && auth.kind !== 'sigv4' && auth.kind !== 'jwt-grant';
}

/** Asks for the list of models, which costs nothing anywhere, and reads no further than the status. A host without such a list answers 404, and is there. Never throws. */
export async function checkHost(check: HostCheck): Promise<HostHealth> {
  try {
    const { statusCode, body } = await request(modelsUrl(check), {
      dispatcher: check.agent,
      headers: { ...headersOf(check), ...check.endpoint.headers, ...check.headers },
      signal: AbortSignal.timeout(check.timeoutMs),
    });
    await body.dump();
    // A 403 may mean that the key may not list models, and yet ask them.
    if (statusCode === 401) return 'refuses-key';
    return statusCode >= 500 ? 'down' : 'up';
  } catch {
    return 'down';
  }
}

function modelsUrl({ dialect, endpoint, modelsPath }: HostCheck): string {
  const path = modelsPath ?? MODELS_PATHS[dialect] ?? '/models';
  if (/^https?:/.test(path)) return path;
  const base = endpoint.baseUrl.replace(/\/+$/, '');
  const version = /\/(?:v1|v1beta)$/.exec(base)?.[0];
  // A base that ends in a version and a path that begins with it are not joined into two of them.
  return version !== undefined && path.startsWith(`${version}/`) ? base.slice(0, -version.length) + path : base + path;
}

function headersOf({ auth, credential }: HostCheck): Record<string, string> {
  if (credential === undefined) return {};
  if (auth.kind === 'bearer') return { authorization: `Bearer ${credential}` };
  return auth.kind === 'header' ? { [auth.name.toLowerCase()]: credential } : {};
}
