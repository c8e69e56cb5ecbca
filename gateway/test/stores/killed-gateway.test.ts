import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { createJournalImport } from '../../src/store/journal/import-journal.ts';
import { openJournalBook } from '../../src/store/journal/open-book.ts';
import { openStore } from '../../src/store/open-store.ts';
import { readJournalLine } from '../../src/usage/journal-line.ts';
import { KEY } from '../a-gateway.ts';
import { sqliteHome } from './homes.ts';
import { bookThroughKills } from './killed-import.ts';

/** What a killed gateway may lose: calls that were answered so shortly before. Gathering takes 5 ms; the rest is for a busy machine. */
const BOUND_MS = 150;
const CALLS = 400;
const CLIENTS = 8;

const GATEWAY = `
  const { Gateway } = await import(${JSON.stringify(new URL('../../src/gateway.ts', import.meta.url).href)});
  const config = { keys: [{ name: 'app', key: ${JSON.stringify(KEY)} }], observability: { logging: false } };
  const gateway = await Gateway.create(config, { dataFolder: process.argv.at(-1) });
  const { port } = await gateway.run({ host: '127.0.0.1', port: 0 });
  process.stdout.write('port ' + port + '\\n');
`;

async function startGateway(dataFolder: string): Promise<{ child: ChildProcess; port: number }> {
  const options = ['--conditions=xidao-source', '--disable-warning=ExperimentalWarning', '--input-type=module'];
  const child = spawn(process.execPath, [...options, '-e', GATEWAY, dataFolder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = await new Promise<number>((resolve, reject) => {
    let said = '';
    child.stdout!.on('data', (bytes: Buffer) => {
      said += bytes.toString();
      const told = /^port (\d+)$/m.exec(said)?.[1];
      if (told !== undefined) resolve(Number(told));
    });
    child.once('exit', (code) => reject(new Error(`The gateway ended at its start (${code}).`)));
  });
  return { child, port };
}

/** Calls again and again until the gateway is gone; gives when each answer was there in full. */
async function keepCalling(port: number, seen: (id: string, atMs: number) => void): Promise<void> {
  const body = JSON.stringify({ model: 'mock/echo', messages: [{ role: 'user', content: 'Hi' }] });
  const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' };
  for (;;) {
    try {
      const response = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, { method: 'POST', headers, body });
      await response.text();
      seen(response.headers.get('x-request-id')!, performance.now());
    } catch {
      return;
    }
  }
}

test('a journal whose import is killed again and again comes to the sum of all calls', async () => {
  const { url, dataFolder, clear } = sqliteHome();
  await bookThroughKills(url, dataFolder);
  await clear();
});

test('a call that was answered is in the ledger, also when the gateway is killed right afterwards', async () => {
  const dataFolder = mkdtempSync(path.join(tmpdir(), 'xidao-killed-'));
  try {
    const { child, port } = await startGateway(dataFolder);
    const answered = new Map<string, number>();
    let killedAt = 0;
    const clients = Array.from({ length: CLIENTS }, () =>
      keepCalling(port, (id, atMs) => {
        answered.set(id, atMs);
        if (answered.size !== CALLS) return;
        child.kill('SIGKILL');
        killedAt = performance.now();
      }),
    );
    await Promise.all([...clients, once(child, 'exit')]);

    const folder = path.join(dataFolder, 'ledger');
    const written = readdirSync(folder).flatMap((name) => readFileSync(path.join(folder, name), 'utf8').split('\n'));
    const ids = new Set(written.flatMap((line) => readJournalLine(line)?.id ?? []));
    const lost = [...answered].filter(([id]) => !ids.has(id)).map(([, atMs]) => killedAt - atMs);
    expect(answered.size).toBeGreaterThanOrEqual(CALLS);
    expect(ids.size).toBeGreaterThan(0);
    expect(lost.filter((ageMs) => ageMs > BOUND_MS)).toEqual([]);
    console.info(
      `of ${answered.size} calls ${lost.length} were not written, the oldest answered ${Math.max(0, ...lost).toFixed(1)} ms before the end`,
    );

    const store = await openStore({
      url: 'sqlite:./data/xidao.db',
      dataFolder,
      clock: systemClock,
      log: pino({ level: 'silent' }),
    });
    const open = await openJournalBook({ url: 'sqlite:./data/xidao.db', dataFolder });
    const settings = { book: open.book, folder, journal: 'node', isUnfit: open.isUnfit, onUnfit: () => {} };
    await createJournalImport(settings).run();
    await createJournalImport({ ...settings, journal: 'again' }).run();
    expect((await store.usage.report({ fromMs: 0, toMs: 4e12 })).total.calls).toBe(ids.size);
    await open.close();
    await store.close();
  } finally {
    rmSync(dataFolder, { recursive: true, force: true });
  }
});
