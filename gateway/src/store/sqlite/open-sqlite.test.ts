import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync, type DatabaseSyncOptions } from 'node:sqlite';
import type { Readable } from 'node:stream';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { openStore, sqliteFile } from '../open-store.ts';
import type { Store } from '../store.ts';

const log = pino({ level: 'silent' });
let dataFolder: string;
let file: string;
const opened: Store[] = [];

beforeEach(() => {
  dataFolder = mkdtempSync(path.join(tmpdir(), 'xidao-sqlite-'));
  file = path.join(dataFolder, 'xidao.db');
});

afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
  rmSync(dataFolder, { recursive: true, force: true });
});

async function open(url = 'sqlite:./data/xidao.db'): Promise<Store> {
  const store = await openStore({ url, dataFolder, clock: systemClock, log });
  opened.push(store);
  return store;
}

test('puts what is written as ./data into the data folder, and any other path where it says', () => {
  expect(sqliteFile('sqlite:./data/xidao.db', '/var/x')).toBe('/var/x/xidao.db');
  expect(sqliteFile('sqlite:data/sub/a.db', '/var/x')).toBe('/var/x/sub/a.db');
  expect(sqliteFile('sqlite:/srv/a.db', '/var/x')).toBe('/srv/a.db');
  expect(sqliteFile('sqlite:///srv/a.db', '/var/x')).toBe('/srv/a.db');
  expect(sqliteFile('sqlite:a.db', '/var/x')).toBe(path.resolve('a.db'));
  expect(sqliteFile('sqlite::memory:', '/var/x')).toBe(':memory:');
});

test('keeps its files readable by their owner alone, and writes ahead', async () => {
  const store = await open();
  await store.facts.set('a', 'b');
  for (const name of [file, `${file}-wal`, `${file}-shm`, `${file}.lock`])
    expect(statSync(name).mode & 0o777).toBe(0o600);
});

test('refuses a database that another gateway holds, and names its process', async () => {
  await open();
  await expect(open()).rejects.toThrow(`in use by another gateway (process ${process.pid})`);
});

test('opens again what was closed, and other programs may read it meanwhile', async () => {
  const first = await open();
  await first.facts.set('a', 'b');
  const reader = new DatabaseSync(file, { readOnly: true });
  expect(reader.prepare('select value from facts').get()).toMatchObject({ value: 'b' });
  reader.close();
  await first.close();
  const second = await open();
  expect(await second.facts.get('a')).toBe('b');
});

test('says of a file that is no database that it is damaged, and leaves it as it is', async () => {
  writeFileSync(file, 'not a database, but long enough to be taken for a header of one'.repeat(20));
  await expect(open()).rejects.toThrow(/xidao\.db is damaged, or no SQLite file .* Put a backup in its place/);
  expect(readFileSync(file, 'utf8')).toMatch(/^not a database/);
});

test('says of a torn database that it is damaged', async () => {
  const store = await open();
  await store.facts.set('a', 'b');
  await store.close();
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.fill(0xa5, 100, bytes.length));
  await expect(open()).rejects.toThrow(/xidao\.db is damaged/);
});

test('says of a folder in its place that it is one', async () => {
  mkdirSync(file);
  await expect(open()).rejects.toThrow(/xidao\.db is a folder/);
});

test.skipIf(process.getuid?.() === 0)('says of a folder without rights that it cannot be written', async () => {
  chmodSync(dataFolder, 0o500);
  await expect(open()).rejects.toThrow(/cannot be written \(EACCES\)/);
});

test('says of a path through a file that it cannot be written', async () => {
  writeFileSync(path.join(dataFolder, 'plain'), '');
  await expect(open('sqlite:./data/plain/xidao.db')).rejects.toThrow(/cannot be written \((ENOTDIR|EEXIST)\)/);
});

test('refuses a database that a newer version has written', async () => {
  await (await open()).close();
  const database = new DatabaseSync(file);
  database.exec(`insert into kysely_migration values ('9999_from_the_future', '2030-01-01T00:00:00Z')`);
  database.close();
  await expect(open()).rejects.toThrow(/written by a newer version/);
});

test('tells that it is unwell while its tables cannot be read, and recovers by itself', async () => {
  let now = 0;
  const clock = { ...systemClock, now: () => (now += 2_000) };
  const store = await openStore({ url: 'sqlite:./data/xidao.db', dataFolder, clock, log });
  opened.push(store);
  const database = new DatabaseSync(file, { defensive: false } as DatabaseSyncOptions);
  const tear = (rootPage: number, version: number) => {
    database.exec('pragma writable_schema = on');
    database.exec(`update sqlite_master set rootpage = ${rootPage} where name = 'facts'`);
    database.exec(`pragma schema_version = ${version}`);
  };
  const { rootpage } = database.prepare(`select rootpage from sqlite_master where name = 'facts'`).get() as {
    rootpage: number;
  };
  tear(99_999, 900);
  await expect(store.facts.get('a')).rejects.toThrow();
  expect(store.whyUnwell()).toMatch(/is damaged/);
  tear(rootpage, 901);
  database.close();
  await vi.waitFor(() => expect(store.whyUnwell()).toBeUndefined(), { interval: 1 });
});

const WRITER = `
  import { writeSync } from 'node:fs';
  const [openStoreUrl, dataFolder] = process.argv.slice(-2);
  const { openStore } = await import(openStoreUrl);
  const clock = { now: () => performance.now(), wallMs: () => Date.now() };
  const store = await openStore({ url: 'sqlite:./data/xidao.db', dataFolder, clock, log: { info() {}, error() {} } });
  for (let count = 0; ; count++) {
    const id = 'key_' + count;
    await store.keys.insert({ id, name: id, hash: id, prefix: 'xd-', createdAtMs: count, source: 'store' });
    writeSync(1, id + '\\n');
  }
`;

test('loses nothing that it has acknowledged when it is killed at work', async () => {
  const openStoreUrl = new URL('../open-store.ts', import.meta.url).href;
  const options = ['--conditions=xidao-source', '--disable-warning=ExperimentalWarning', '--input-type=module'];
  const child = spawn(process.execPath, [...options, '-e', WRITER, openStoreUrl, dataFolder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const acknowledged = await killAfter(child, 60);
  const ids = new Set((await (await open()).keys.list()).map(({ id }) => id));
  expect(acknowledged.length).toBeGreaterThanOrEqual(60);
  expect(acknowledged.filter((id) => !ids.has(id))).toEqual([]);
  // At most the one under way may be there without having been acknowledged.
  expect(ids.size - acknowledged.length).toBeLessThanOrEqual(1);
});

/** Collects what the child acknowledges, kills it without warning after `count`, and takes what was still on its way. */
function killAfter(child: ChildProcessByStdio<null, Readable, null>, count: number): Promise<string[]> {
  let text = '';
  const lines = () => text.split('\n').slice(0, -1);
  return new Promise((resolve, reject) => {
    child.stdout.on('data', (bytes: Buffer) => {
      text += bytes.toString();
      if (lines().length >= count) child.kill('SIGKILL');
    });
    child.on('error', reject);
    child.on('close', (code, signal) =>
      signal === 'SIGKILL' ? resolve(lines()) : reject(new Error(`the writer ended by itself (${code ?? signal})`)),
    );
  });
}
