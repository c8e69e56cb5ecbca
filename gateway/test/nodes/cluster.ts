import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ConfigInput } from '../../src/config/schema.ts';
import { hasPostgres, type PostgresServer, startPostgres } from '../servers/postgres.ts';
import { type RedisServer, startRedis, whyNoRedis } from '../servers/redis.ts';
import { createNode, type NodeProcess } from './node-process.ts';
import { layWire, type Wire } from './wire.ts';

/** Several gateways on one PostgreSQL and one Redis, all of them real processes. */
export interface Cluster extends AsyncDisposable {
  readonly nodes: readonly NodeProcess[];
  /** The ways of each node to what it shares with the others. */
  readonly wires: readonly { redis: Wire; postgres: Wire }[];
  readonly redis: RedisServer;
  readonly postgres: PostgresServer;
  /** The address of the database that the nodes share. */
  readonly databaseUrl: string;
}

/** Whether what a cluster needs is installed here; if not, says so. */
export function mayHaveCluster(): boolean {
  const missing = whyNoRedis();
  return hasPostgres() && missing === undefined;
}

/** Starts servers and nodes. The configuration holds for all nodes; where they store and count is added to it. */
export async function startCluster({ size, config }: { size: number; config: ConfigInput }): Promise<Cluster> {
  const folder = mkdtempSync(path.join(tmpdir(), 'xidao-nodes-'));
  // The one that may fail first: nobody would end the other.
  const postgres = await startPostgres();
  const redis = await startRedis();
  const databaseUrl = await postgres.createDatabase();
  const nodes: NodeProcess[] = [];
  const wires: { redis: Wire; postgres: Wire }[] = [];
  for (let index = 0; index < size; index++) {
    const wire = { redis: await layWire(portOf(redis.url)), postgres: await layWire(postgres.port) };
    wires.push(wire);
    const places = {
      redis: { url: `redis://127.0.0.1:${wire.redis.port}` },
      storage: { url: withPort(databaseUrl, wire.postgres.port) },
    };
    nodes.push(await createNode(`node-${index + 1}`, folder, { ...config, ...places }));
  }
  const cluster: Cluster = {
    nodes,
    wires,
    redis,
    postgres,
    databaseUrl,
    async [Symbol.asyncDispose]() {
      await Promise.all(nodes.map((node) => node.kill()));
      for (const wire of wires) await Promise.all([wire.redis.close(), wire.postgres.close()]);
      await redis.stop();
      await postgres[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    await Promise.all(nodes.map((node) => node.start()));
  } catch (error) {
    await cluster[Symbol.asyncDispose]();
    throw error;
  }
  return cluster;
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}

function withPort(url: string, port: number): string {
  const changed = new URL(url);
  changed.port = String(port);
  return changed.href;
}
