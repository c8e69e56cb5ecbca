import type { IncomingHttpHeaders } from 'node:http';
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { parseJson } from './json.ts';
import { type FormPart, readMultipart } from './multipart.ts';

/** How a call ended: answered whole, left by the client, or broken off by the upstream because the cue said so. */
export interface CallEnd {
  how: 'finished' | 'aborted-by-client' | 'cut-by-upstream';
  /** Milliseconds since the call's `startedAt`. */
  afterMs: number;
  /** Body bytes that had been handed to the network by then, before HTTP framing. */
  bodyBytes: number;
}

/** One request as the upstream saw it. */
export interface RecordedCall {
  /** 1 for the first call of this upstream. */
  number: number;
  method: string;
  /** The path without the query, undecoded. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  /** Names as spelled by the client, in pairs name, value. */
  rawHeaders: string[];
  /** The body's bytes as sent, still content-encoded. */
  body: Buffer;
  /** The decoded body as JSON; undefined where it is none. */
  json: unknown;
  /** The parts of a multipart body. */
  form?: FormPart[];
  /** Reading of the upstream's clock when the request had begun, in milliseconds. */
  startedAt: number;
  /** Undefined while the call is open. */
  closed: CallEnd | undefined;
  /** The client's port: equal ports mean a reused connection. */
  clientPort: number;
}

/** What `json` and `form` of a recorded call tell. A body that cannot be decoded is no error: it has neither. */
export function readBody(headers: IncomingHttpHeaders, body: Buffer): Pick<RecordedCall, 'json' | 'form'> {
  try {
    return readDecoded(headers, body);
  } catch {
    return { json: undefined };
  }
}

function readDecoded(headers: IncomingHttpHeaders, body: Buffer): Pick<RecordedCall, 'json' | 'form'> {
  const contentType = headers['content-type'];
  const decoded = decode(headers['content-encoding'], body);
  if (decoded === undefined || decoded.length === 0) return { json: undefined };
  if (/^multipart\/form-data\b/i.test(contentType ?? '')) {
    const form = readMultipart(contentType, decoded);
    return form === undefined ? { json: undefined } : { json: undefined, form };
  }
  return { json: parseJson(decoded.toString('utf8')) };
}

function decode(encoding: string | undefined, body: Buffer): Buffer | undefined {
  switch (encoding ?? 'identity') {
    case 'identity':
      return body;
    case 'gzip':
      return gunzipSync(body);
    case 'deflate':
      return inflateSync(body);
    case 'br':
      return brotliDecompressSync(body);
    case 'zstd':
      return zstdDecompressSync(body);
    default:
      return undefined;
  }
}
