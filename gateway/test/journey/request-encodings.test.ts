import zlib from 'node:zlib';
import { startUpstream } from '@xidao/testkit';
import { expect, test } from 'vitest';
import { aGateway } from '../a-gateway.ts';
import { MODEL, only, post } from './dialect-calls.ts';

const BODY = JSON.stringify({ model: MODEL, messages: [{ role: 'user', content: 'Grüße '.repeat(200) }], n: 1 });

const ENCODED: Record<string, [encoding: string, bytes: Buffer]> = {
  gzip: ['gzip', zlib.gzipSync(BODY)],
  'x-gzip in capitals': ['X-GZIP', zlib.gzipSync(BODY)],
  deflate: ['deflate', zlib.deflateSync(BODY)],
  'raw deflate': ['deflate', zlib.deflateRawSync(BODY)],
  br: ['br', zlib.brotliCompressSync(BODY)],
  zstd: ['zstd', zlib.zstdCompressSync(BODY)],
  identity: ['identity', Buffer.from(BODY)],
  'gzip, then br': ['gzip, br', zlib.brotliCompressSync(zlib.gzipSync(BODY))],
  'zstd, then deflate, then gzip': ['zstd,deflate, gzip', zlib.gzipSync(zlib.deflateSync(zlib.zstdCompressSync(BODY)))],
};

test.each(Object.entries(ENCODED))('a body in %s reaches the upstream as plain bytes', async (_, [encoding, bytes]) => {
  await using upstream = await startUpstream();
  await using gateway = await aGateway(only(upstream, 'openai-chat'));
  const response = await post(gateway, '/v1/chat/completions', bytes, { 'content-encoding': encoding });
  expect(response.status, await response.text()).toBe(200);
  const [seen] = upstream.calls;
  expect(seen!.body.toString()).toBe(BODY);
  expect(seen!.headers['content-encoding']).toBeUndefined();
  expect(seen!.headers['content-length']).toBe(String(Buffer.byteLength(BODY)));
});

const REFUSED: Record<string, [encoding: string, bytes: Buffer, status: number, code: string]> = {
  'that is corrupt': ['gzip', zlib.gzipSync(BODY).fill(7, 20, 60), 400, 'corrupt_body'],
  'that is cut short': ['gzip', zlib.gzipSync(BODY).subarray(0, -30), 400, 'corrupt_body'],
  'that is not what it says': ['zstd', Buffer.from(BODY), 400, 'corrupt_body'],
  'of an unknown encoding': ['compress', Buffer.from(BODY), 400, 'unsupported_content_encoding'],
  'with an unknown one in the chain': ['lzma, gzip', zlib.gzipSync(BODY), 400, 'unsupported_content_encoding'],
  'encoded too often': ['gzip, gzip, gzip, gzip, gzip', Buffer.from(BODY), 400, 'unsupported_content_encoding'],
  'that is a bomb': ['gzip', zlib.gzipSync(Buffer.alloc(8_000_000, 32)), 413, 'request_too_large'],
  'that is a bomb in zstd': ['zstd', zlib.zstdCompressSync(Buffer.alloc(8_000_000, 32)), 413, 'request_too_large'],
  'that is a bomb in br': ['br', zlib.brotliCompressSync(Buffer.alloc(8_000_000, 32)), 413, 'request_too_large'],
  'that is a bomb in a bomb': [
    'gzip, gzip',
    zlib.gzipSync(zlib.gzipSync(Buffer.alloc(100_000_000, 32))),
    413,
    'request_too_large',
  ],
};

test.each(Object.entries(REFUSED))('a body %s is refused in the words of the dialect', async (_, refused) => {
  const [encoding, bytes, status, code] = refused;
  await using upstream = await startUpstream();
  await using gateway = await aGateway({ ...only(upstream, 'openai-chat'), server: { body_limit: '1mb' } });
  const chat = await post(gateway, '/v1/chat/completions', bytes, { 'content-encoding': encoding });
  expect(chat.status).toBe(status);
  expect(await chat.json()).toMatchObject({ error: { code, type: 'invalid_request_error' } });
  const messages = await post(gateway, '/v1/messages', bytes, { 'content-encoding': encoding });
  expect(messages.status).toBe(status);
  expect(await messages.json()).toMatchObject({
    type: 'error',
    error: { type: status === 413 ? 'request_too_large' : 'invalid_request_error' },
  });
  expect(upstream.calls).toHaveLength(0);
  expect((await post(gateway, '/v1/chat/completions', BODY)).status).toBe(200);
});
