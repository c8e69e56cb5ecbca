import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { createJournalImport } from '../../src/store/journal/import-journal.ts';
import { openJournalBook } from '../../src/store/journal/open-book.ts';
import { startImport } from '../../src/store/journal/start-import.ts';
import { openStore } from '../../src/store/open-store.ts';
import { createJournalLine } from '../../src/usage/journal-line.ts';
import { hasPostgres, type PostgresServer, startPostgres } from '../servers/postgres.ts';
import { aRecord } from './a-record.ts';
import { testBudgets } from './budget-contract.ts';
import { bookThroughKills } from './killed-import.ts';
import { type Home, testStore } from './store-contract.ts';
import { testTenancy } from './tenancy-contract.ts';
import { testUsage } from './usage-contract.ts';

const log = pino({ level: 'silent' });
const EVER = { fromMs: 0, toMs: 4e12 };

describe.skipIf(!hasPostgres())('PostgreSQL', () => {
  let server: PostgresServer;
  const line = createJournalLine();

  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const home = async (): Promise<Home> => ({ url: await server.createDatabase(), dataFolder: '', clear: () => {} });
  const open = (url: string) => openStore({ url, dataFolder: '', clock: systemClock, log });

  testStore('PostgreSQL', home);
  testUsage('PostgreSQL', home);
  testTenancy('PostgreSQL', home, { isShared: true });
  testBudgets('PostgreSQL', home);

  test('several nodes that start at once bring its tables up to date once', async () => {
    const { url } = await home();
    const stores = await Promise.all(Array.from({ length: 4 }, () => open(url)));
    await stores[0]!.facts.set('a', 'b');
    expect(await stores[3]!.facts.get('a')).toBe('b');
    await Promise.all(stores.map((store) => store.close()));
  });

  test.each([
    ['postgres://xidao@127.0.0.1:1/x', /x at 127\.0\.0\.1:1 does not answer/],
    ['none', /has no database of this name/],
  ])('says of %s what is wrong, and never the password', async (address, words) => {
    const url = address === 'none' ? `postgres://xidao:secret@127.0.0.1:${server.port}/none` : address;
    const error = await open(url).catch((reason: Error) => reason);
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).message).toMatch(words);
    expect((error as Error).message).not.toContain('secret');
  });

  test('nodes that book at the same time into the same hours come to the sum of all', async () => {
    const { url } = await home();
    const store = await open(url);
    const folders = Array.from({ length: 3 }, () => mkdtempSync(path.join(tmpdir(), 'xidao-node-')));
    await Promise.all(
      folders.map(async (folder, node) => {
        const { book, isUnfit, close } = await openJournalBook({ url, dataFolder: '' });
        const settings = { book, folder, journal: `node_${node}`, isUnfit, onUnfit: () => {} };
        for (let round = 0; round < 5; round++) {
          const users = Array.from({ length: 60 }, (_value, index) => `user ${(index * 7 + node * 13) % 20}`);
          const lines = users.map((user, index) => line(aRecord(`call_${node}_${round}_${index}`, { user })));
          appendFileSync(path.join(folder, '2026-11-20.ndjson'), lines.join(''));
          await createJournalImport(settings).run();
        }
        await close();
      }),
    );
    const { rows, total } = await store.usage.report({ ...EVER, by: ['user', 'model'] });
    expect(total).toMatchObject({ calls: 900, costPico: 900_000n });
    expect(rows).toHaveLength(20);
    await store.close();
    for (const folder of folders) rmSync(folder, { recursive: true });
  });

  test('a journal whose import is killed again and again comes to the sum of all calls', async () => {
    await bookThroughKills(await server.createDatabase(), '');
  });

  test('while it is gone calls are journalled and it is told; when it is back all is booked, once', async () => {
    const { url } = await home();
    const folder = mkdtempSync(path.join(tmpdir(), 'xidao-gone-'));
    const append = (...ids: string[]) =>
      appendFileSync(path.join(folder, '2026-11-20.ndjson'), ids.map((id) => line(aRecord(id))).join(''));
    const store = await open(url);
    const importer = startImport({ url, dataFolder: '', folder, journal: 'node_1', everyMs: 20, keepDays: 30 }, log);
    append('call_1', 'call_2');
    await importer.catchUp();
    await server.stop('crash');
    append('call_3');
    await importer.catchUp();
    expect(importer.whyUnwell()).toMatch(/does not answer|stopped or started/);
    await expect(store.keys.list()).rejects.toThrow();
    expect(store.whyUnwell()).toMatch(/does not answer|stopped or started/);
    await server.start();
    append('call_4');
    await vi.waitFor(() => expect(importer.whyUnwell()).toBeUndefined(), { timeout: 20_000, interval: 50 });
    await vi.waitFor(() => expect(store.whyUnwell()).toBeUndefined(), { timeout: 20_000, interval: 50 });
    await importer.catchUp();
    expect((await store.usage.report(EVER)).total).toMatchObject({ calls: 4, costPico: 4_000n });
    await importer.close();
    await store.close();
    rmSync(folder, { recursive: true });
  });
});
