import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../core/errors.ts';
import { decodeBody } from './decode-body.ts';

/** The body whole and decoded; refused past `limit` bytes, before or after decompression. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const declared = request.headers['content-length'];
  if (declared !== undefined && Number(declared) > limit) throw tooLarge(limit);
  const bytes = await collect(request, limit);
  const encoding = request.headers['content-encoding'];
  return encoding === undefined || encoding === '' ? bytes : decodeBody(bytes, encoding, limit);
}

function collect(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > limit) {
        request.removeAllListeners('data');
        reject(tooLarge(limit));
        return;
      }
      chunks.push(chunk);
    });
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length)));
    request.on('error', (error) =>
      reject(new GatewayError('corrupt_body', 'The request ended before its body was complete.', { cause: error })),
    );
  });
}

function tooLarge(limit: number): GatewayError {
  return new GatewayError('request_too_large', `The body is over ${limit} bytes (server.body_limit).`);
}
