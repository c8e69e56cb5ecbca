import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { aRecord } from '../../../test/stores/a-record.ts';
import { systemClock } from '../../core/clock.ts';
import { createJournalLine } from '../../usage/journal-line.ts';
import { createJournalImport } from '../journal/import-journal.ts';
import { openJournalBook } from '../journal/open-book.ts';
import { openStore } from '../open-store.ts';
import type { Store } from '../store.ts';
import { backUp } from './back-up.ts';
import { restore } from './restore.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const url = 'sqlite:./data/xidao.db';
const line = createJournalLine();
let root: string;
let dataFolder: string;
let to: string;
const opened: Store[] = [];

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'xidao-backup-'));
  dataFolder = path.join(root, 'data');
  to = path.join(root, 'backups', 'one');
  mkdirSync(path.join(dataFolder, 'ledger'), { recursive: true });
  writeFileSync(path.join(dataFolder, 'pepper'), 'the pepper', { mode: 0o600 });
  writeFileSync(path.join(dataFolder, 'cli.token'), 'of this process');
});

afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
  rmSync(root, { recursive: true, force: true });
});

async function open(folder = dataFolder): Promise<Store> {
  const store = await openStore({ url, dataFolder: folder, clock: systemClock, log: pino({ level: 'silent' }) });
  opened.push(store);
  return store;
}

async function book(...ids: string[]): Promise<void> {
  const folder = path.join(dataFolder, 'ledger');
  if (ids.length > 0)
    appendFileSync(path.join(folder, '2026-11-20.ndjson'), ids.map((id) => line(aRecord(id))).join(''));
  const { book, isUnfit, close } = await openJournalBook({ url, dataFolder });
  await createJournalImport({ book, folder, journal: 'node', isUnfit, onUnfit: () => {} }).run();
  await close();
}

const calls = async (store: Store) => (await store.usage.report({ fromMs: 0, toMs: 4e12 })).total.calls;

test('a backup of a running gateway is restored elsewhere with its keys, secrets and calls', async () => {
  const store = await open();
  await store.facts.set('a', 'b');
  await book('call_1', 'call_2');
  expect(await backUp({ url, dataFolder }, to)).toEqual({ files: ['database.db', 'ledger', 'pepper'] });
  await store.facts.set('a', 'later');
  const other = path.join(root, 'other');
  expect(await restore(to, { url, dataFolder: other }, NOW)).toEqual({});
  const restored = await open(other);
  expect(await restored.facts.get('a')).toBe('b');
  expect(await calls(restored)).toBe(2);
  expect(readFileSync(path.join(other, 'pepper'), 'utf8')).toBe('the pepper');
  expect(existsSync(path.join(other, 'cli.token'))).toBe(false);
  for (const file of ['xidao.db', 'pepper']) expect(statSync(path.join(other, file)).mode & 0o777).toBe(0o600);
});

test('calls since the backup are booked again from the journal that is still there, and each once', async () => {
  const store = await open();
  await book('call_1', 'call_2');
  await backUp({ url, dataFolder }, to);
  await book('call_3');
  await store.close();
  const { kept } = await restore(to, { url, dataFolder }, NOW);
  expect(path.basename(kept!)).toBe('xidao.db.before-2026-11-20T12-00-00-000Z');
  const restored = await open();
  expect(await calls(restored)).toBe(2);
  await book();
  expect(await calls(restored)).toBe(3);
});

test('is refused while a gateway holds the database, and changes nothing', async () => {
  const store = await open();
  await backUp({ url, dataFolder }, to);
  await store.facts.set('a', 'b');
  await expect(restore(to, { url, dataFolder }, NOW)).rejects.toThrow(
    /in use by a gateway \(process \d+\)\. Stop it first/,
  );
  expect(await store.facts.get('a')).toBe('b');
});

test('a damaged backup is refused, and nothing is changed', async () => {
  const store = await open();
  await store.facts.set('a', 'b');
  await backUp({ url, dataFolder }, to);
  await store.close();
  const copy = path.join(to, 'database.db');
  writeFileSync(copy, readFileSync(copy).fill(0xa5, 5_000));
  await expect(restore(to, { url, dataFolder }, NOW)).rejects.toThrow(/is damaged .*Nothing was changed/);
  await expect(restore(path.join(root, 'nowhere'), { url, dataFolder }, NOW)).rejects.toThrow(
    /There is no .*database\.db/,
  );
  expect(readdirSync(dataFolder).filter((name) => name.includes('before'))).toEqual([]);
  expect(await (await open()).facts.get('a')).toBe('b');
});

test('replaces a database that is damaged', async () => {
  const store = await open();
  await store.facts.set('a', 'b');
  await backUp({ url, dataFolder }, to);
  await store.close();
  writeFileSync(path.join(dataFolder, 'xidao.db'), 'garbage'.repeat(2_000));
  await restore(to, { url, dataFolder }, NOW);
  expect(await (await open()).facts.get('a')).toBe('b');
});

test('a backup is never made over another one, and with PostgreSQL says what to run', async () => {
  const store = await open();
  await backUp({ url, dataFolder }, to);
  await expect(backUp({ url, dataFolder }, to)).rejects.toThrow(/is there already/);
  const address = 'postgres://ann:secret@db:5433/xidao';
  for (const tried of [
    backUp({ url: address, dataFolder }, path.join(root, 'two')),
    restore(to, { url: address, dataFolder }, NOW),
  ]) {
    const { message } = await tried.then(
      () => new Error('done'),
      (error: Error) => error,
    );
    expect(message).toContain('pg_dump -h db -p 5433 -U ann --format=custom --file=xidao.dump xidao');
    expect(message).not.toContain('secret');
  }
  await store.copyTo(path.join(root, 'copy.db'));
  expect(existsSync(path.join(root, 'copy.db'))).toBe(true);
});
