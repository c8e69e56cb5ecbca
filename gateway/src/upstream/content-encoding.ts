import { once } from 'node:events';
import type { Transform } from 'node:stream';
import zlib from 'node:zlib';
import { GatewayError } from '../core/errors.ts';
import type { HostReply } from '../core/target.ts';

const { BROTLI_OPERATION_FLUSH, Z_SYNC_FLUSH, ZSTD_e_flush } = zlib.constants;

// The end is flushed like any other chunk, so what was sent before a break is still read.
const ZLIB = { flush: Z_SYNC_FLUSH, finishFlush: Z_SYNC_FLUSH };

const DECODERS: Record<string, () => Transform> = {
  gzip: () => zlib.createGunzip(ZLIB),
  'x-gzip': () => zlib.createGunzip(ZLIB),
  deflate: () => zlib.createInflate(ZLIB),
  br: () => zlib.createBrotliDecompress({ flush: BROTLI_OPERATION_FLUSH, finishFlush: BROTLI_OPERATION_FLUSH }),
  zstd: () => zlib.createZstdDecompress({ flush: ZSTD_e_flush, finishFlush: ZSTD_e_flush }),
};

/** Providers are asked for plain bytes; some compress all the same, streams too. What the rest of the house reads is plain. */
export function undoEncoding(reply: HostReply): HostReply {
  const encoding = reply.headers['content-encoding'];
  if (typeof encoding !== 'string') return reply;
  const name = encoding.trim().toLowerCase();
  const decoder = DECODERS[name];
  if (decoder === undefined) return reply;
  const { 'content-encoding': _, 'content-length': __, ...headers } = reply.headers;
  return { ...reply, headers, body: decoded(reply.body, decoder(), name) };
}

/** What came before a break is given first; then the break is thrown, as if the bytes had been plain. */
async function* decoded(
  body: AsyncIterable<Uint8Array>,
  decoder: Transform,
  name: string,
): AsyncGenerator<Uint8Array, undefined> {
  const source = body[Symbol.asyncIterator]();
  const fed = feed(source, decoder);
  try {
    for await (const chunk of decoder) yield chunk as Uint8Array;
  } catch (error) {
    throw new GatewayError('upstream_error', `The provider's answer is not the ${name} that it says it is.`, {
      cause: error,
    });
  } finally {
    await source.return?.();
  }
  const lost = await fed;
  if (lost !== undefined) throw lost;
}

/** Resolves with what broke the source, or nothing. */
async function feed(source: AsyncIterator<Uint8Array>, decoder: Transform): Promise<unknown> {
  try {
    for (;;) {
      const { done, value } = await source.next();
      if (done === true) break;
      if (!decoder.write(value)) await once(decoder, 'drain');
    }
  } catch (error) {
    decoder.end();
    return error;
  }
  decoder.end();
  return undefined;
}
