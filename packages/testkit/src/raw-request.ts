import { connect, type Socket } from 'node:net';
import { parseJson } from './json.ts';
import { createResponseReader, type ResponseReader } from './response-reader.ts';
import { createWaiters, type Waiters } from './waiters.ts';

export interface RawRequestOptions {
  port: number;
  host?: string;
  /** The whole request as it goes over the wire; then nothing below counts. */
  bytes?: string | Uint8Array;
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  /** An object goes out as JSON. */
  body?: string | Uint8Array | object;
}

/** Bytes as one read of the socket brought them. */
export interface Arrival {
  /** Milliseconds since the request was sent. */
  atMs: number;
  bytes: Buffer;
}

/** An answer down to its bytes. */
export interface RawResponse {
  /** 0 if the connection ended before a whole head came. */
  status: number;
  /** Names in lower case; of a repeated name, the values joined by commas. */
  headers: Record<string, string>;
  /** The head as it came, up to and with its empty line. */
  head: string;
  /** The body with HTTP's framing taken off, still content-encoded. */
  body: Buffer;
  /** The body in the pieces that chunked framing told; without it, as the reads brought them. */
  chunks: Buffer[];
  /** Every byte that came, in the reads that brought them. */
  arrivals: Arrival[];
  /** Whether the message reached the end that HTTP announced for it. */
  isComplete: boolean;
  /** What closed the connection, if anything has: the peer's FIN or its RST. */
  closedBy: 'end' | 'reset' | undefined;
  text: string;
  /** The body as JSON; undefined where it is none. */
  json: unknown;
}

/** A request under way, over a socket of its own. */
export interface RawExchange {
  /** All that came so far. */
  received(): RawResponse;
  /** Resolves when the message is complete or the connection has ended. */
  readonly response: Promise<RawResponse>;
  /** Resolves when the head has come. */
  waitForHead(): Promise<RawResponse>;
  /** Resolves when this many bytes of the body have come. */
  waitForBody(bytes: number): Promise<RawResponse>;
  /** Stops reading, so that the upstream's writes pile up. */
  pauseReading(): void;
  resumeReading(): void;
  /** Leaves: closes the connection, politely (FIN) or not (RST). */
  leave(how?: 'close' | 'reset'): void;
}

/** Sends a request over a bare socket and gives the answer with all its bytes; the connection is closed afterwards. */
export function rawRequest(options: RawRequestOptions): Promise<RawResponse> {
  return openRawRequest(options).response;
}

/** Sends a request over a bare socket and lets the caller watch the answer come. */
export function openRawRequest(options: RawRequestOptions): RawExchange {
  const socket = connect(options.port, options.host ?? '127.0.0.1');
  socket.setNoDelay(true);
  socket.write(requestBytes(options));
  const watched = watch(socket, createResponseReader(options.method === 'HEAD'));
  const { waiters, received, reader, fate } = watched;
  const isOver = () => reader.isComplete || fate.closedBy !== undefined;
  const response = waiters.until('the response', () => (isOver() ? received() : undefined));
  const orFail = (what: string, isThere: () => boolean) =>
    waiters.until(what, () => {
      if (isThere()) return received();
      if (fate.closedBy !== undefined) throw new Error(`The connection closed before ${what}.`);
      return undefined;
    });
  return {
    received,
    response: response.finally(() => socket.destroy()),
    waitForHead: () => orFail('the head', () => reader.head !== ''),
    waitForBody: (bytes) => orFail(`${bytes} bytes of the body`, () => reader.bodyLength >= bytes),
    pauseReading: () => void socket.pause(),
    resumeReading: () => void socket.resume(),
    leave: (how = 'close') => void (how === 'reset' ? socket.resetAndDestroy() : socket.destroy()),
  };
}

interface Watched {
  waiters: Waiters;
  reader: ResponseReader;
  received(): RawResponse;
  fate: Pick<RawResponse, 'closedBy'>;
}

function watch(socket: Socket, reader: ResponseReader): Watched {
  const startedAt = performance.now();
  const arrivals: Arrival[] = [];
  const waiters = createWaiters();
  const fate: Watched['fate'] = { closedBy: undefined };
  const close = (how: 'end' | 'reset') => {
    fate.closedBy ??= how;
    reader.finish();
    waiters.changed();
  };
  socket.on('data', (bytes: Buffer) => {
    arrivals.push({ atMs: performance.now() - startedAt, bytes });
    reader.push(bytes);
    waiters.changed();
  });
  socket.on('end', () => close('end'));
  socket.on('error', () => close('reset'));
  socket.on('close', () => close('end'));
  return { waiters, reader, fate, received: () => describe(reader, arrivals, fate) };
}

function describe(reader: ResponseReader, arrivals: Arrival[], fate: Watched['fate']): RawResponse {
  const body = Buffer.concat(reader.chunks);
  return {
    status: reader.status,
    headers: reader.headers,
    head: reader.head,
    body,
    chunks: [...reader.chunks],
    arrivals: [...arrivals],
    isComplete: reader.isComplete,
    closedBy: fate.closedBy,
    text: body.toString('utf8'),
    get json() {
      return parseJson(body.toString('utf8'));
    },
  };
}

function requestBytes({ bytes, method = 'POST', path = '/', headers = {}, body = '' }: RawRequestOptions): Buffer {
  if (bytes !== undefined) return Buffer.from(bytes as Uint8Array);
  const isJson = typeof body === 'object' && !(body instanceof Uint8Array);
  const payload = Buffer.from(isJson ? JSON.stringify(body) : (body as Uint8Array));
  const lines = Object.entries({
    host: 'localhost',
    ...(isJson ? { 'content-type': 'application/json' } : {}),
    ...(payload.length > 0 || method === 'POST' ? { 'content-length': `${payload.length}` } : {}),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`), payload]);
}
