import { connect, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { blackHole, deadPort, freePort, neverAccepts } from './ports.ts';
import { openRawRequest } from './raw-request.ts';

test('a free port can be bound', async () => {
  const port = await freePort();
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });
  await new Promise((resolve) => {
    server.close(resolve);
  });
});

test('a dead port refuses for as long as it is held', async () => {
  const dead = await deadPort();
  for (const _ of [1, 2]) await expect(fetch(dead.url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  await dead.close();
});

test('a black hole takes the request and answers nothing', async () => {
  const hole = await blackHole();
  const exchange = openRawRequest({ port: hole.port, body: { hello: 'there' } });
  const gone = exchange.response;
  // The peer speaks first only when it is closed: what came until then is all there is.
  await new Promise<void>((resolve) => {
    const second = connect(hole.port, '127.0.0.1', () => {
      second.destroy();
      resolve();
    });
  });
  expect(hole.openConnections()).toBeGreaterThan(0);
  await hole.close();
  expect((await gone).arrivals).toEqual([]);
});

test.skipIf(process.platform !== 'linux')('a listener that never accepts leaves a connection undecided', async () => {
  const silent = await neverAccepts();
  const sockets: Socket[] = [];
  const outcome = new Promise<string>((resolve) => {
    const socket = connect(silent.port, '127.0.0.1', () => resolve('connected'));
    socket.on('error', () => resolve('refused'));
    sockets.push(socket);
  });
  // Connecting on loopback is decided within the turn of the event loop that asks; a round trip elsewhere is time enough.
  const elsewhere = (async () => {
    const dead = await deadPort();
    await dead.close();
    return 'undecided';
  })();
  expect(await Promise.race([outcome, elsewhere])).toBe('undecided');
  for (const socket of sockets) socket.destroy();
  await silent.close();
});
