import { Readable } from 'node:stream';
import zlib from 'node:zlib';
import type { HostReply } from '../core/target.ts';

const DECODERS: Record<string, () => NodeJS.ReadWriteStream> = {
  gzip: () => zlib.createGunzip({ flush: zlib.constants.Z_SYNC_FLUSH }),
  'x-gzip': () => zlib.createGunzip({ flush: zlib.constants.Z_SYNC_FLUSH }),
  deflate: () => zlib.createInflate({ flush: zlib.constants.Z_SYNC_FLUSH }),
  br: () => zlib.createBrotliDecompress({ flush: zlib.constants.BROTLI_OPERATION_FLUSH }),
  zstd: () => zlib.createZstdDecompress(),
};

/** Providers are asked for plain bytes; some compress all the same, streams too. What the rest of the house reads is plain. */
export function undoEncoding(reply: HostReply): HostReply {
  const encoding = reply.headers['content-encoding'];
  if (typeof encoding !== 'string') return reply;
  const decoder = DECODERS[encoding.trim().toLowerCase()];
  if (decoder === undefined) return reply;
  const { 'content-encoding': _, 'content-length': __, ...headers } = reply.headers;
  return { ...reply, headers, body: decoded(reply.body, decoder()) };
}

async function* decoded(body: AsyncIterable<Uint8Array>, decoder: NodeJS.ReadWriteStream): AsyncGenerator<Uint8Array> {
  const source = Readable.from(body, { objectMode: false });
  source.on('error', (error) => (decoder as unknown as Readable).destroy(error));
  source.pipe(decoder);
  try {
    for await (const chunk of decoder) yield chunk as unknown as Uint8Array;
  } finally {
    source.destroy();
  }
}
