import type { IncomingMessage, ServerResponse } from 'node:http';

/** Pages of this machine may always call; others only where configuration names their origin (or `*`). */
export function allowsOrigin(origin: string, allowed: readonly string[]): boolean {
  if (allowed.includes('*') || allowed.includes(origin)) return true;
  const host = URL.canParse(origin) ? new URL(origin).hostname : '';
  return host === 'localhost' || host === '127.0.0.1' || host === '[::1]' || host.endsWith('.localhost');
}

/** Marks the answer as readable by the calling page. Costs nothing where no page calls. */
export function allowPage(request: IncomingMessage, response: ServerResponse, allowed: readonly string[]): void {
  const { origin } = request.headers;
  if (origin === undefined) return;
  response.setHeader('vary', 'origin');
  if (!allowsOrigin(origin, allowed)) return;
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-expose-headers', '*');
}

/** Answers a preflight. Asked-for headers are reflected: SDKs send their own (`x-stainless-*`), and a short list breaks them. */
export function answerPreflight(request: IncomingMessage, response: ServerResponse, allowed: readonly string[]): void {
  const { origin } = request.headers;
  if (origin !== undefined && allowsOrigin(origin, allowed)) {
    response.setHeader('access-control-allow-methods', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS');
    response.setHeader('access-control-allow-headers', request.headers['access-control-request-headers'] ?? '*');
    response.setHeader('access-control-max-age', '86400');
  }
  response.writeHead(204, { allow: 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS' });
  response.end();
}
