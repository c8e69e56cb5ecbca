import { createServer, type Server } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rawRequest } from './raw-request.ts';
import { createResponseReader } from './response-reader.ts';

const chunked = [
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\n\r\n',
  '5\r\nGr\xc3\xbc\xc3\r\n3;x=y\r\n\x9fe!\r\n0\r\n\r\n',
].join('');

test('reads a response the same however it is cut', () => {
  const wire = Buffer.from(chunked, 'latin1');
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: wire.length - 1 })), (offsets) => {
      const reader = createResponseReader();
      const edges = [0, ...offsets.sort((one, other) => one - other), wire.length];
      edges.slice(1).forEach((edge, index) => {
        expect(reader.isComplete).toBe(false);
        reader.push(wire.subarray(edges[index], edge));
      });
      expect(reader).toMatchObject({ status: 200, isComplete: true, headers: { 'set-cookie': 'a=1, b=2' } });
      expect(Buffer.concat(reader.chunks).toString()).toBe('Grüße!');
      expect(reader.chunks.map((chunk) => chunk.length)).toEqual([5, 3]);
    }),
    { seed: 11, numRuns: 60 },
  );
});

test('knows a message that is short of its length from one that is whole', () => {
  const reader = createResponseReader();
  reader.push(Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc'));
  reader.finish();
  expect(reader.isComplete).toBe(false);
  reader.push(Buffer.from('de'));
  expect(reader.isComplete).toBe(true);
});

test('sends exactly the bytes it is given, and dates what comes', async () => {
  const heard: string[] = [];
  const server: Server = createServer((socket) => {
    socket.on('data', (bytes) => {
      heard.push(bytes.toString());
      socket.end('HTTP/1.0 200 OK\r\n\r\nbye');
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as { port: number };
  const response = await rawRequest({ port, bytes: 'GET /odd  HTTP/1.1\r\nbad header\r\n\r\n' });
  expect(heard.join('')).toBe('GET /odd  HTTP/1.1\r\nbad header\r\n\r\n');
  expect(response).toMatchObject({ status: 200, text: 'bye', isComplete: true, closedBy: 'end' });
  expect(response.arrivals[0]?.atMs).toBeGreaterThanOrEqual(0);
  await new Promise((resolve) => {
    server.close(resolve);
  });
});
