import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { expect } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { createJournalImport } from '../../src/store/journal/import-journal.ts';
import { openJournalBook } from '../../src/store/journal/open-book.ts';
import { openStore } from '../../src/store/open-store.ts';
import { createJournalLine } from '../../src/usage/journal-line.ts';
import { aRecord } from './a-record.ts';

const CALLS = 6_000;
const KILLS = 6;

const IMPORT = `
  const [book, journal, url, dataFolder, folder] = process.argv.slice(-5);
  const { openJournalBook } = await import(book);
  const { createJournalImport } = await import(journal);
  const open = await openJournalBook({ url, dataFolder });
  const { isUnfit } = open;
  const told = { ...open.book, async book(stretch) { process.stdout.write('.'); await open.book.book(stretch); } };
  await createJournalImport({ book: told, folder, journal: 'node', isUnfit, onUnfit() {} }).run();
  await open.close();
`;

/** Books one journal by processes that are killed at work, each a little later than the one before, and expects the sum of all calls. */
export async function bookThroughKills(url: string, dataFolder: string): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'xidao-journal-'));
  mkdirSync(folder, { recursive: true });
  const store = await openStore({ url, dataFolder, clock: systemClock, log: pino({ level: 'silent' }) });
  const line = createJournalLine();
  let expected = 0n;
  let text = '';
  for (let index = 0; index < CALLS; index++) {
    const cost = (index * 7_919) % 1_000_003;
    expected += BigInt(cost);
    text += line(aRecord(`call_${index}`, { costPicoUsd: cost, user: `user ${index % 50}` }));
  }
  appendFileSync(path.join(folder, '2026-11-20.ndjson'), text);
  try {
    let killed = 0;
    for (let round = 0; round < KILLS; round++) {
      const child = importing(url, dataFolder, folder);
      if (await killAfter(child, 1 + 2 * round, round * 3)) killed += 1;
    }
    expect(killed).toBeGreaterThan(1);
    const { book, isUnfit, close } = await openJournalBook({ url, dataFolder });
    await createJournalImport({ book, folder, journal: 'node', isUnfit, onUnfit: () => {} }).run();
    await close();
    const { rows, total } = await store.usage.report({ fromMs: 0, toMs: 4e12, by: ['user'] });
    expect(total).toMatchObject({ calls: CALLS, costPico: expected });
    expect(rows.reduce((sum, { costPico }) => sum + costPico, 0n)).toBe(expected);
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function importing(url: string, dataFolder: string, folder: string): ChildProcess {
  const modules = ['open-book.ts', 'import-journal.ts'].map(
    (name) => new URL(`../../src/store/journal/${name}`, import.meta.url).href,
  );
  const options = ['--conditions=xidao-source', '--disable-warning=ExperimentalWarning', '--input-type=module'];
  return spawn(process.execPath, [...options, '-e', IMPORT, ...modules, url, dataFolder, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Kills a little after so many stretches were begun. Gives whether the process was still at work. */
async function killAfter(child: ChildProcess, stretches: number, laterMs: number): Promise<boolean> {
  let begun = 0;
  child.stdout!.on('data', (bytes: Buffer) => {
    begun += bytes.length;
    if (begun >= stretches) setTimeout(() => child.kill('SIGKILL'), laterMs);
  });
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return signal === 'SIGKILL';
}
