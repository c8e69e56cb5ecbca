import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Gateway } from '../../src/gateway.ts';
import { hasPostgres, type PostgresServer, startPostgres } from '../servers/postgres.ts';

interface Node extends AsyncDisposable {
  gateway: Gateway;
  /** The status and code with which a key is answered. */
  call(key: string): Promise<[status: number, code: string | undefined]>;
  manage(method: string, place: string, body?: object): Promise<Record<string, string>>;
}

async function aNode(url: string): Promise<Node> {
  const dataFolder = await mkdtemp(path.join(tmpdir(), 'xidao-node-'));
  const gateway = await Gateway.create({ storage: { url } }, { dataFolder, log: { write: () => {} } });
  const { port } = await gateway.run({ host: '127.0.0.1', port: 0 });
  const address = `http://127.0.0.1:${port}`;
  const token = (await readFile(path.join(dataFolder, 'cli.token'), 'utf8')).trim();
  return {
    gateway,
    async call(key) {
      const response = await fetch(`${address}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
      const { error } = (await response.json()) as { error?: { code: string } };
      return [response.status, error?.code];
    },
    async manage(method, place, body) {
      const response = await fetch(`${address}/admin/v1${place}`, {
        method,
        headers: { authorization: `Bearer ${token}` },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return (await response.json()) as Record<string, string>;
    },
    async [Symbol.asyncDispose]() {
      await gateway.stop();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

describe.skipIf(!hasPostgres())('nodes on one PostgreSQL', () => {
  let server: PostgresServer;

  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test('start at once with one admin key and one first key, which all of them know', async () => {
    const url = await server.createDatabase();
    const nodes = await Promise.all([aNode(url), aNode(url), aNode(url)]);
    const made = nodes.map(({ gateway }) => gateway.firstKeys);
    expect(made.filter(({ adminKey }) => adminKey !== undefined)).toHaveLength(1);
    expect(made.filter(({ appKey }) => appKey !== undefined)).toHaveLength(1);
    const { appKey } = made.find(({ appKey }) => appKey !== undefined)!;
    for (const node of nodes) {
      await vi.waitFor(async () => expect(await node.call(appKey!)).toEqual([200, undefined]), { timeout: 10_000 });
    }
    for (const node of nodes) await node[Symbol.asyncDispose]();
  });

  test('know of a key that one of them made or ended within moments, and show it at once', async () => {
    const url = await server.createDatabase();
    await using one = await aNode(url);
    await using two = await aNode(url);
    const { id, secret } = await one.manage('POST', '/keys', { name: 'app' });
    expect(await two.manage('GET', `/keys/${id}`)).toMatchObject({ name: 'app', status: 'active' });
    expect(await two.call(secret!)).toEqual([200, undefined]);
    await one.manage('DELETE', `/keys/${id}`);
    expect(await one.call(secret!)).toEqual([401, 'revoked_api_key']);
    await vi.waitFor(async () => expect(await two.call(secret!)).toEqual([401, 'revoked_api_key']), {
      timeout: 10_000,
      interval: 50,
    });
    expect(await two.manage('GET', '/audit/verify')).toMatchObject({ intact: true });
  });
});
