import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { createAdmin } from '../src/admin/admin.ts';
import { findRoute } from '../src/admin/api/routes.ts';
import { createManagement, type Management } from '../src/admin/management.ts';
import { managementRoutes } from '../src/admin/management-routes.ts';
import { createDirectory, type Directory } from '../src/auth/directory.ts';
import { type Auth, createAuth } from '../src/auth/identify.ts';
import { createKeyRing, type KeyRing } from '../src/auth/key-ring.ts';
import { defaultConfig } from '../src/config/defaults.ts';
import { type Clock, systemClock } from '../src/core/clock.ts';
import { openStore } from '../src/store/open-store.ts';
import type { Store } from '../src/store/store.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at as they come.
export type Told = { status: number; headers: Headers; body: any };

/** The management API on loopback, over a store in a folder of its own. */
export interface AnAdmin extends AsyncDisposable {
  url: string;
  store: Store;
  ring: KeyRing;
  directory: Directory;
  management: Management;
  auth: Auth;
  clock: Clock & { nowMs: number };
  /** Asks as the admin, or as the bearer of another key. What is answered well must be what the route says that it answers. */
  ask(method: string, place: string, body?: unknown, as?: string): Promise<Told>;
  /** Another node on the same store. */
  anotherNode(announce?: () => void): Promise<{ management: Management; auth: Auth }>;
}

export const ADMIN_KEY = 'the admin key';
const NOW = Date.parse('2026-11-20T12:00:00Z');

export async function anAdmin(): Promise<AnAdmin> {
  const dataFolder = mkdtempSync(path.join(tmpdir(), 'xidao-admin-'));
  const clock = { ...systemClock, nowMs: NOW, wallMs: () => clock.nowMs };
  const log = pino({ level: 'silent' });
  const pepper = Buffer.alloc(32, 7);
  const store = await openStore({ url: 'sqlite:./data/xidao.db', dataFolder, clock, log });

  async function aNode(announce: () => void = () => {}) {
    const ring = createKeyRing();
    const directory = createDirectory();
    const management = createManagement({ store, ring, directory, pepper, clock, announce });
    await management.catchUp();
    management.useAdminKey(ADMIN_KEY);
    return { ring, directory, management, auth: createAuth({ ring, directory, pepper, clock }) };
  }

  const node = await aNode();
  const view = {
    config: defaultConfig,
    models: () => [],
    status: () => ({ version: '1.2.3', startedAtMs: NOW, providers: [], warnings: [], whyNotReady: undefined }),
    nowMs: clock.wallMs,
  };
  const routes = managementRoutes({ management: node.management, view, clock });
  const server = createServer(createAdmin({ management: node.management, view, clock, log }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    ...node,
    url,
    store,
    clock,
    anotherNode: aNode,
    async ask(method, place, body, as = ADMIN_KEY) {
      const response = await fetch(`${url}/admin/v1${place}`, {
        method,
        headers: { authorization: `Bearer ${as}` },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const told = (await response.json()) as unknown;
      if (response.ok) {
        const { answers } = findRoute(routes, method, `/admin/v1${place.split('?')[0]}`).route;
        answers.schema.parse(told);
        if (answers.status !== response.status) throw new Error(`${method} ${place} answers ${response.status}.`);
      }
      return { status: response.status, headers: response.headers, body: told };
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await store.close();
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}
