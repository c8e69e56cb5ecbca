import type { IncomingHttpHeaders } from 'node:http';

/** Every secret that the caller sent, without a scheme, in the order in which they count (wire: Bearer, x-api-key, api-key, x-goog-api-key). */
export function readCredentials(headers: IncomingHttpHeaders): string[] {
  const found: string[] = [];
  add(found, bearerOf(headers.authorization));
  add(found, headers['x-api-key']);
  add(found, headers['api-key']);
  add(found, headers['x-goog-api-key']);
  return found;
}

function add(found: string[], value: string | string[] | undefined): void {
  if (typeof value !== 'string') return;
  const secret = value.trim();
  if (secret !== '' && !found.includes(secret)) found.push(secret);
}

function bearerOf(authorization: string | undefined): string | undefined {
  if (authorization === undefined) return undefined;
  const match = /^\s*bearer\s+(.+)$/i.exec(authorization);
  return match?.[1];
}

/** Query parameters in which clients are known to put keys (Gemini's `key`). */
const KEY_PARAMETER = /^(?:key|api[-_]?key|access_token|token)$/i;

/** A key in the URL ends in logs and browser histories; it is refused, even a good one. Read as the upstream would read it, percent-encoding undone. */
export function hasKeyInQuery(query: string): boolean {
  if (query === '') return false;
  for (const [name, value] of new URLSearchParams(query)) if (value !== '' && KEY_PARAMETER.test(name)) return true;
  return false;
}
