/** Reads an HTTP/1.1 response bit by bit (RFC 9112), keeping the chunks apart that the sender kept apart. */
export interface ResponseReader {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly head: string;
  readonly chunks: readonly Buffer[];
  readonly bodyLength: number;
  readonly isComplete: boolean;
  push(bytes: Buffer): void;
  /** The connection is over: a body without length ends here. */
  finish(): void;
}

type Framing = { kind: 'head' } | { kind: 'length'; left: number } | { kind: 'chunked' } | { kind: 'until-close' };

export function createResponseReader(isHeadRequest = false): ResponseReader {
  let rest: Buffer = Buffer.alloc(0);
  let framing: Framing = { kind: 'head' };
  let isComplete = false;
  let head = '';
  let headers: Record<string, string> = {};
  let status = 0;
  const chunks: Buffer[] = [];
  let bodyLength = 0;

  function keep(bytes: Buffer): void {
    chunks.push(bytes);
    bodyLength += bytes.length;
  }

  function readHead(): boolean {
    const end = rest.indexOf('\r\n\r\n');
    if (end === -1) return false;
    head = rest.subarray(0, end + 4).toString('latin1');
    rest = rest.subarray(end + 4);
    status = Number(head.slice(9, 12));
    if (status < 200) return true;
    headers = readHeaders(head);
    framing = framingOf(status, headers, isHeadRequest);
    isComplete = framing.kind === 'length' && framing.left === 0;
    return true;
  }

  function readChunk(): boolean {
    const lineEnd = rest.indexOf('\r\n');
    if (lineEnd === -1) return false;
    const size = Number.parseInt(rest.subarray(0, lineEnd).toString('latin1'), 16);
    const end = lineEnd + 2 + size + 2;
    if (rest.length < end) return false;
    if (size === 0) isComplete = true;
    else keep(rest.subarray(lineEnd + 2, end - 2));
    rest = rest.subarray(end);
    return true;
  }

  function readSome(): boolean {
    if (isComplete || rest.length === 0) return false;
    switch (framing.kind) {
      case 'head':
        return readHead();
      case 'chunked':
        return readChunk();
      case 'until-close':
        keep(rest);
        rest = rest.subarray(rest.length);
        return false;
      case 'length': {
        const bytes = rest.subarray(0, framing.left);
        keep(bytes);
        rest = rest.subarray(bytes.length);
        framing.left -= bytes.length;
        isComplete = framing.left === 0;
        return false;
      }
    }
  }

  return {
    get status() {
      return status;
    },
    get headers() {
      return headers;
    },
    get head() {
      return head;
    },
    get isComplete() {
      return isComplete;
    },
    chunks,
    get bodyLength() {
      return bodyLength;
    },
    push(bytes) {
      rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
      while (readSome());
    },
    finish() {
      if (framing.kind === 'until-close') isComplete = true;
    },
  };
}

function framingOf(status: number, headers: Record<string, string>, isHeadRequest: boolean): Framing {
  if (isHeadRequest || status === 204 || status === 304) return { kind: 'length', left: 0 };
  if (headers['transfer-encoding']?.toLowerCase() === 'chunked') return { kind: 'chunked' };
  const length = headers['content-length'];
  return length === undefined ? { kind: 'until-close' } : { kind: 'length', left: Number(length) };
}

function readHeaders(head: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of head.split('\r\n').slice(1)) {
    const [, name, value] = /^([^:]+):\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    const key = name.toLowerCase();
    headers[key] = headers[key] === undefined ? value : `${headers[key]}, ${value}`;
  }
  return headers;
}
