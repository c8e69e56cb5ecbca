import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../core/errors.ts';
import { decodeBody } from './decode-body.ts';
import { WholeRequest } from './whole-request.ts';

/** The body whole and decoded; refused past `limit` bytes, before or after decompression. Must be called in the turn in which the request is announced. */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const declared = request.headers['content-length'];
  if (declared !== undefined && Number(declared) > limit) return Promise.reject(tooLarge(limit));
  const encoding = request.headers['content-encoding'];
  const bytes = collect(request, limit);
  return encoding === undefined || encoding === '' ? bytes : bytes.then((coded) => decodeBody(coded, encoding, limit));
}

function collect(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const take = (chunk: Buffer) => {
      length += chunk.length;
      if (length <= limit) chunks.push(chunk);
      else reject(tooLarge(limit));
      return length <= limit;
    };
    const done = () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
    request.on('error', (error) =>
      reject(new GatewayError('corrupt_body', 'The request ended before its body was complete.', { cause: error })),
    );
    if (request instanceof WholeRequest) request.takeBody({ take, done });
    else request.on('data', take).on('end', done);
  });
}

function tooLarge(limit: number): GatewayError {
  return new GatewayError('request_too_large', `The body is over ${limit} bytes (server.body_limit).`);
}
