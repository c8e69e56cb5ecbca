import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { GatewayError } from '../core/errors.ts';

type Decoder = (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

const inflate = promisify(zlib.inflate) as Decoder;
const inflateRaw = promisify(zlib.inflateRaw) as Decoder;
const gunzip = promisify(zlib.gunzip) as Decoder;

const DECODERS: Record<string, Decoder> = {
  gzip: gunzip,
  'x-gzip': gunzip,
  // RFC 9110 means zlib; some clients send the bare stream, told apart by the zlib header's check (RFC 1950, 2.2).
  deflate: (bytes, options) => (isZlib(bytes) ? inflate(bytes, options) : inflateRaw(bytes, options)),
  br: promisify(zlib.brotliDecompress) as Decoder,
  zstd: promisify(zlib.zstdDecompress) as Decoder,
};

function isZlib(bytes: Buffer): boolean {
  return bytes.length >= 2 && (bytes[0]! & 0x0f) === 8 && ((bytes[0]! << 8) | bytes[1]!) % 31 === 0;
}

/** Undoes `content-encoding` (RFC 9110, 8.4), chained ones from the last to the first, and stops at `limit` decoded bytes. */
export async function decodeBody(bytes: Buffer, encoding: string, limit: number): Promise<Buffer> {
  const names = encoding
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity');
  if (names.length > 4) throw unsupported(encoding);
  let decoded = bytes;
  for (const name of names.reverse()) {
    const decoder = DECODERS[name];
    if (decoder === undefined) throw unsupported(name);
    decoded = await decode(decoder, name, decoded, limit);
  }
  return decoded;
}

async function decode(decoder: Decoder, name: string, bytes: Buffer, limit: number): Promise<Buffer> {
  try {
    return await decoder(bytes, { maxOutputLength: limit });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new GatewayError(
        'request_too_large',
        `The body is over ${limit} bytes after decompression (server.body_limit).`,
      );
    }
    throw new GatewayError(
      'corrupt_body',
      `The body says content-encoding ${name}, but cannot be decompressed as such.`,
      { cause: error },
    );
  }
}

function unsupported(encoding: string): GatewayError {
  return new GatewayError(
    'unsupported_content_encoding',
    `The content-encoding "${encoding.slice(0, 40)}" is not known. Use gzip, deflate, br, zstd or none.`,
  );
}
