import { connect, createServer, type Socket } from 'node:net';

/** A load balancer for connections: one node after the other, and the next one where a node takes none. */
export interface Balancer {
  readonly url: string;
  /** Connections that a node has taken, by its place in the list. */
  readonly taken: readonly number[];
  close(): Promise<void>;
}

export async function startBalancer(ports: readonly number[]): Promise<Balancer> {
  const sockets = new Set<Socket>();
  const taken = ports.map(() => 0);
  let turn = 0;

  function lead(client: Socket, triesLeft: number): void {
    const place = turn++ % ports.length;
    const node = connect({ port: ports[place]!, host: '127.0.0.1', noDelay: true });
    let isTaken = false;
    node.once('connect', () => {
      isTaken = true;
      taken[place]! += 1;
      node.pipe(client);
      client.pipe(node);
    });
    node.on('error', () => {
      if (!isTaken && triesLeft > 0 && !client.destroyed) lead(client, triesLeft - 1);
      else client.destroy();
    });
    node.on('close', () => {
      if (isTaken) client.destroy();
    });
    client.once('close', () => node.destroy());
  }

  const server = createServer({ noDelay: true }, (client) => {
    sockets.add(client);
    client.on('error', () => {});
    client.once('close', () => sockets.delete(client));
    lead(client, ports.length - 1);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    taken,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
