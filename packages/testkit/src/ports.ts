import { connect, createServer, type Server, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

/** A place on 127.0.0.1 that does not serve; `close` gives the port back. */
export interface DeadEnd {
  port: number;
  url: string;
  close(): Promise<void>;
}

/** A port that was free a moment ago. Nothing keeps it free: bind it at once. */
export async function freePort(): Promise<number> {
  const server = await listen(createServer());
  const port = portOf(server);
  await closeServer(server);
  return port;
}

/**
 * A port that refuses connections for as long as it is held: it is the local end of a connection of ours, so nobody
 * else is given it, and nothing listens on it.
 */
export async function deadPort(): Promise<DeadEnd> {
  const server = await listen(createServer((socket) => void socket.resume().on('error', () => {})));
  const holder = await connected(portOf(server));
  return deadEnd(holder.localPort!, async () => {
    holder.destroy();
    await closeServer(server);
  });
}

/** Accepts every connection, reads what comes, and never answers a byte. */
export async function blackHole(): Promise<DeadEnd & { openConnections(): number }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.resume().on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  });
  await listen(server);
  const end = deadEnd(portOf(server), async () => {
    for (const socket of sockets) socket.destroy();
    await closeServer(server);
  });
  return { ...end, openConnections: () => sockets.size };
}

const sleeper = `
const { createServer } = require('node:net');
const { parentPort, workerData } = require('node:worker_threads');
const server = createServer();
server.listen({ host: '127.0.0.1', port: 0, backlog: workerData.backlog }, () => {
  parentPort.postMessage(server.address().port);
  Atomics.wait(new Int32Array(workerData.bell), 0, 0);
  process.exit();
});
`;

/**
 * A listener to which connecting never succeeds and never fails: for timeouts of the connect itself. Its thread sleeps,
 * so it accepts nothing, and its backlog is full, so the kernel drops every further SYN. This is Linux' behaviour; the
 * queue there holds one connection more than the backlog says.
 */
export async function neverAccepts(): Promise<DeadEnd> {
  const backlog = 1;
  const bell = new SharedArrayBuffer(4);
  const worker = new Worker(sleeper, { eval: true, workerData: { backlog, bell } });
  const exited = new Promise<void>((resolve) => {
    worker.once('exit', () => resolve());
  });
  const port = await new Promise<number>((resolve, reject) => {
    worker.once('message', resolve).once('error', reject);
  });
  const fillers: Socket[] = [];
  for (let filled = 0; filled <= backlog; filled++) fillers.push(await connected(port));
  return deadEnd(port, async () => {
    for (const filler of fillers) filler.destroy();
    const flag = new Int32Array(bell);
    Atomics.store(flag, 0, 1);
    Atomics.notify(flag, 0);
    await exited;
  });
}

function deadEnd(port: number, close: () => Promise<void>): DeadEnd {
  return { port, url: `http://127.0.0.1:${port}`, close };
}

function listen(server: Server): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', () => resolve(server));
  });
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server does not listen on a port.');
  return address.port;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.on('error', reject);
  });
}
