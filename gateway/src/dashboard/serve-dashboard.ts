import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { COSTS_PAGE } from './costs-page.ts';
import { COSTS_SCRIPT } from './costs-script.ts';
import { COSTS_STYLE } from './costs-style.ts';

interface File {
  type: string;
  bytes: Buffer;
  etag: string;
}

const PAGE = '/dashboard/costs';

const FILES: Readonly<Record<string, File>> = {
  [PAGE]: fileOf('text/html; charset=utf-8', COSTS_PAGE),
  [`${PAGE}.css`]: fileOf('text/css; charset=utf-8', COSTS_STYLE),
  [`${PAGE}.js`]: fileOf('text/javascript; charset=utf-8', COSTS_SCRIPT),
};

const HEADERS = {
  // Everything is of this origin and in files of its own: nothing inline runs, and nothing is asked of anybody else.
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
};

/** Answers under `/dashboard`, for everybody: the page shows figures only with a key that may read them. What is not there is sent to the page that is. */
export function serveDashboard(request: IncomingMessage, response: ServerResponse, path: string, query: string): void {
  const { method } = request;
  const file = FILES[path];
  if (method !== 'GET' && method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD', 'content-length': 0 }).end();
  } else if (file === undefined) {
    const location = query === '' ? PAGE : `${PAGE}?${query}`;
    response.writeHead(302, { location, 'content-length': 0 }).end();
  } else if (request.headers['if-none-match'] === file.etag) {
    response.writeHead(304, { ...HEADERS, etag: file.etag }).end();
  } else {
    const { type, bytes, etag } = file;
    response.writeHead(200, { ...HEADERS, 'content-type': type, 'content-length': bytes.length, etag });
    response.end(method === 'HEAD' ? undefined : bytes);
  }
}

function fileOf(type: string, text: string): File {
  const bytes = Buffer.from(text);
  return { type, bytes, etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"` };
}
