import { connect, createServer, type Socket } from 'node:net';

/** A way to a server on loopback that can be cut, as a partition of the network does. */
export interface Wire {
  readonly port: number;
  /** `black-hole`: bytes are swallowed, and nobody is told. `reset`: connections are torn down, new ones too. */
  cut(how: 'black-hole' | 'reset'): void;
  mend(): void;
  close(): Promise<void>;
}

interface Pair {
  near: Socket;
  far: Socket | undefined;
}

/** Leads from a port of its own to this one. */
export async function layWire(toPort: number): Promise<Wire> {
  const pairs = new Set<Pair>();
  let state: 'whole' | 'black-hole' | 'reset' = 'whole';

  function join(pair: Pair): void {
    const { near } = pair;
    const far = connect({ port: toPort, host: '127.0.0.1', noDelay: true });
    pair.far = far;
    far.on('error', () => near.destroy());
    far.on('close', () => near.destroy());
    far.pipe(near);
    near.pipe(far);
  }

  const server = createServer({ noDelay: true }, (near) => {
    const pair: Pair = { near, far: undefined };
    pairs.add(pair);
    near.on('error', () => {});
    near.on('close', () => {
      pair.far?.destroy();
      pairs.delete(pair);
    });
    if (state === 'whole') join(pair);
    else if (state === 'reset') near.resetAndDestroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    port: (server.address() as { port: number }).port,
    cut(how) {
      state = how;
      for (const { near, far } of pairs) {
        if (how === 'reset') near.resetAndDestroy();
        else for (const socket of [near, far]) socket?.unpipe().pause();
      }
    },
    mend() {
      if (state === 'whole') return;
      state = 'whole';
      for (const pair of pairs) {
        const { near, far } = pair;
        if (far === undefined) join(pair);
        else {
          // What was under way arrives late, as TCP has it.
          far.pipe(near);
          near.pipe(far);
        }
      }
    },
    async close() {
      for (const { near } of pairs) near.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
