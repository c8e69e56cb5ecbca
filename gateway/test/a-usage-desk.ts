import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { createAdmin } from '../src/admin/admin.ts';
import { findRoute } from '../src/admin/api/routes.ts';
import { createManagement, type Management } from '../src/admin/management.ts';
import { usageRoutes } from '../src/admin/usage/usage-routes.ts';
import { createUsageView } from '../src/admin/usage/usage-view.ts';
import { createDirectory } from '../src/auth/directory.ts';
import { createKeyRing } from '../src/auth/key-ring.ts';
import { runCli } from '../src/cli/run.ts';
import { defaultConfig } from '../src/config/defaults.ts';
import { systemClock } from '../src/core/clock.ts';
import type { CallRecord } from '../src/core/record.ts';
import { serveDashboard } from '../src/dashboard/serve-dashboard.ts';
import { openJournalBook } from '../src/store/journal/open-book.ts';
import { openStore } from '../src/store/open-store.ts';
import { type BodyLog, createBodyLog } from '../src/usage/body-log.ts';
import {
  createJournalLine,
  type JournalEntry,
  type JournalExtras,
  readJournalLine,
} from '../src/usage/journal-line.ts';
import { redactText } from '../src/usage/redact-text.ts';
import { createSeal } from '../src/usage/seal.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at as they come.
export type Told = { status: number; type: string | null; text: string; body: any };

/** The management API of usage and costs on loopback, over a real store into which calls are booked as a gateway books them. */
export interface AUsageDesk extends AsyncDisposable {
  url: string;
  /** The clock's, for all who ask. */
  now: { ms: number };
  management: Management;
  bodies: BodyLog;
  /** Lines of the log of management. */
  lines: Record<string, unknown>[];
  book(...records: (CallRecord & JournalExtras)[]): Promise<void>;
  /** Asks as the admin, or as the bearer of another key. What is answered well must be what the route says that it answers. */
  ask(method: string, place: string, body?: unknown, as?: string): Promise<Told>;
  /** Runs a command as the admin. */
  run(...args: string[]): Promise<{ code: number; out: string; err: string }>;
}

const ADMIN = 'the admin key';

export async function aUsageDesk(): Promise<AUsageDesk> {
  const folder = mkdtempSync(path.join(tmpdir(), 'xidao-usage-'));
  const now = { ms: Date.parse('2026-11-21T12:00:00Z') };
  const clock = { ...systemClock, wallMs: () => now.ms };
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const home = { url: 'sqlite:./data/xidao.db', dataFolder: folder };
  const store = await openStore({ ...home, clock, log });
  const open = await openJournalBook(home);
  const management = createManagement({
    store,
    ring: createKeyRing(),
    directory: createDirectory(),
    pepper: Buffer.alloc(32, 7),
    clock,
  });
  await management.catchUp();
  management.useAdminKey(ADMIN);
  const bodies = createBodyLog({
    store: store.usage,
    seal: createSeal(Buffer.alloc(32, 9)),
    redact: redactText,
    onFailure: (error) => log.error({ err: error }, 'bodies'),
  });
  const view = {
    config: defaultConfig,
    models: () => [],
    status: () => ({ version: '1', startedAtMs: 0, providers: [], warnings: [], whyNotReady: undefined }),
    nowMs: clock.wallMs,
  };
  const moreRoutes = usageRoutes(createUsageView({ usage: store.usage, keys: management.keys, bodies, log, clock }));
  const admin = createAdmin({ management, view, clock, log, moreRoutes });
  const server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url!, 'http://here');
    if (pathname.startsWith('/dashboard')) serveDashboard(request, response, pathname, search.slice(1));
    else admin(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let offset = 0;

  return {
    url,
    now,
    management,
    bodies,
    lines,
    async book(...records) {
      const line = createJournalLine();
      const entries = records.map((record) => readJournalLine(line(record)) as JournalEntry);
      const from = offset;
      offset += 1_000;
      await open.book.book({ journal: 'node_1', file: '2026-11-20.ndjson', from, to: offset, entries });
    },
    async ask(method, place, body, as = ADMIN) {
      const response = await fetch(`${url}/admin/v1${place}`, {
        method,
        headers: { authorization: `Bearer ${as}` },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const [text, type] = [await response.text(), response.headers.get('content-type')];
      const told = type === 'application/json' ? JSON.parse(text) : undefined;
      if (response.ok && told !== undefined) {
        findRoute(moreRoutes, method, `/admin/v1${place.split('?')[0]}`).route.answers.schema.parse(told);
      }
      return { status: response.status, type, text, body: told };
    },
    async run(...args) {
      const told = { out: [] as string[], err: [] as string[] };
      const code = await runCli(args, {
        out: (text) => told.out.push(text),
        err: (text) => told.err.push(text),
        isTerminal: false,
        env: { XIDAO_URL: url, XIDAO_ADMIN_KEY: ADMIN },
        folder,
      });
      return { code, out: told.out.join('\n'), err: told.err.join('\n') };
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await bodies.close();
      await open.close();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
