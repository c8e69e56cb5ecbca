import { constants, crc32, deflateRawSync } from 'node:zlib';

/**
 * The pieces of a body as one gzip member (RFC 1952) that can be read piece by piece: each one is deflated by itself and
 * flushed to a byte boundary, so what was cut apart before stays apart.
 */
export function gzipPieces(pieces: readonly Uint8Array[]): Uint8Array[] {
  const flushed = pieces.map((piece) => deflateRawSync(piece, { finishFlush: constants.Z_SYNC_FLUSH }));
  const whole = Buffer.concat(pieces);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(whole), 0);
  trailer.writeUInt32LE(whole.length % 2 ** 32, 4);
  const lastBlock = Buffer.from([0x03, 0x00]);
  if (flushed.length === 0) return [Buffer.concat([gzipHeader, lastBlock, trailer])];
  flushed[0] = Buffer.concat([gzipHeader, flushed[0]!]);
  flushed[flushed.length - 1] = Buffer.concat([flushed.at(-1)!, lastBlock, trailer]);
  return flushed;
}

const gzipHeader = Buffer.from([0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 0xff]);
