import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { aRecord } from '../../../test/stores/a-record.ts';
import { systemClock } from '../../core/clock.ts';
import { createJournalLine } from '../../usage/journal-line.ts';
import { openStore } from '../open-store.ts';
import type { Store } from '../store.ts';
import type { JournalBook } from './book-entries.ts';
import { createJournalImport } from './import-journal.ts';
import { type OpenBook, openJournalBook } from './open-book.ts';
import { startImport } from './start-import.ts';

const log = pino({ level: 'silent' });
const url = 'sqlite:./data/xidao.db';
const EVER = { fromMs: 0, toMs: 4e12 };
const line = createJournalLine();

let dataFolder: string;
let folder: string;
let store: Store;
let open: OpenBook;
const unfit: string[] = [];

beforeEach(async () => {
  dataFolder = mkdtempSync(path.join(tmpdir(), 'xidao-import-'));
  folder = path.join(dataFolder, 'ledger');
  mkdirSync(folder);
  store = await openStore({ url, dataFolder, clock: systemClock, log });
  open = await openJournalBook({ url, dataFolder });
  unfit.length = 0;
});

afterEach(async () => {
  await open.close();
  await store.close();
  rmSync(dataFolder, { recursive: true, force: true });
});

function importing(book: JournalBook = open.book, journal = 'node_1') {
  const { isUnfit } = open;
  return createJournalImport({ book, folder, journal, isUnfit, onUnfit: (_place, why) => unfit.push(why) });
}

const append = (day: string, text: string) => appendFileSync(path.join(folder, `${day}.ndjson`), text);
const total = async () => (await store.usage.report(EVER)).total;

test('books every call of every file, and then only what is new', async () => {
  append('2026-11-19', Array.from({ length: 450 }, (_value, index) => line(aRecord(`call_${index}`))).join(''));
  append('2026-11-20', line(aRecord('call_450')));
  writeFileSync(path.join(folder, 'notes.txt'), 'not a journal');
  expect(await importing().run()).toEqual({ calls: 451, behindBytes: 0 });
  expect(await total()).toMatchObject({ calls: 451, costPico: 451_000n });
  expect(await importing().run()).toEqual({ calls: 0, behindBytes: 0 });
  append('2026-11-19', line(aRecord('call_451')));
  expect(await importing().run()).toEqual({ calls: 1, behindBytes: 0 });
  expect((await total()).calls).toBe(452);
});

test('lets others have their turn before each further stretch', async () => {
  append('2026-11-20', Array.from({ length: 2_100 }, (_value, index) => line(aRecord(`call_${index}`))).join(''));
  const turns: number[] = [];
  await importing().run((untilMs) => void turns.push(untilMs));
  const { startedAtMs, durationMs } = aRecord('any');
  expect(turns.length).toBeGreaterThanOrEqual(2);
  expect(new Set(turns)).toEqual(new Set([startedAtMs + durationMs]));
});

test('waits for the end of a line, and steps over one that was torn', async () => {
  const whole = line(aRecord('call_1'));
  append('2026-11-20', whole + whole.slice(0, 100));
  expect(await importing().run()).toEqual({ calls: 1, behindBytes: 100 });
  append('2026-11-20', `\n\n{"v":99,"id":"later"}\n${line(aRecord('call_2'))}`);
  expect(await importing().run()).toEqual({ calls: 1, behindBytes: 0 });
  expect((await total()).calls).toBe(2);
});

test('takes a line that is longer than what it reads at once', async () => {
  append('2026-11-20', line(aRecord('call_1', { tags: { long: 'x'.repeat(700_000) } })) + line(aRecord('call_2')));
  expect(await importing().run()).toEqual({ calls: 2, behindBytes: 0 });
});

test('leaves a line that no database takes, tells of it, and books those around it', async () => {
  const lines = ['call_1', 'call_2', 'call_3', 'call_4'].map((id) => line(aRecord(id)));
  lines[1] = lines[1]!.replace('"cost_pico_usd":1000', '"cost_pico_usd":0.5');
  append('2026-11-20', lines.join(''));
  expect(await importing().run()).toEqual({ calls: 3, behindBytes: 0 });
  expect(unfit).toHaveLength(1);
  expect((await store.usage.searchCalls({})).calls.map(({ id }) => id)).toEqual(['call_4', 'call_3', 'call_1']);
});

test('holds a NUL in no text, as PostgreSQL does not', async () => {
  append('2026-11-20', line(aRecord('call_1', { modelAsked: 'a\0b', tags: { 'c\0': 'd\0' } })));
  await importing().run();
  expect(await store.usage.findCall('call_1')).toMatchObject({
    modelAsked: 'a\ufffdb',
    tags: { 'c\ufffd': 'd\ufffd' },
  });
});

test('keeps journals of several nodes apart, and never books a call twice', async () => {
  append('2026-11-20', line(aRecord('call_1')) + line(aRecord('call_2')));
  await importing().run();
  await importing(open.book, 'node_2').run();
  expect(await total()).toMatchObject({ calls: 2, costPico: 2_000n });
});

test('removes files whose day is past when they are booked to their end, and no others', async () => {
  append('2026-11-01', line(aRecord('call_1')));
  append('2026-11-02', line(aRecord('call_2')));
  append('2026-11-20', line(aRecord('call_3')));
  await importing().run();
  append('2026-11-02', line(aRecord('call_4')));
  expect(await importing().removeBefore('2026-11-20')).toEqual(['2026-11-01.ndjson']);
  expect(readdirSync(folder)).toEqual(['2026-11-02.ndjson', '2026-11-20.ndjson']);
  await importing().run();
  expect((await total()).calls).toBe(4);
});

/** A book that breaks off, before or after what it was to write is written, at the n-th time. */
function breaking(at: number, isAfter: boolean): JournalBook {
  let count = 0;
  return {
    ...open.book,
    async book(stretch) {
      count += 1;
      if (count === at && !isAfter) throw new Error('broken off');
      await open.book.book(stretch);
      if (count === at) throw new Error('broken off');
    },
  };
}

test('comes to the sum of all calls wherever it is broken off and whatever is written meanwhile', async () => {
  let rounds = 0;
  const step = fc.record({
    costs: fc.array(fc.nat({ max: 1_000_000_000 }), { maxLength: 260 }),
    breakAt: fc.integer({ min: 1, max: 3 }),
    isAfter: fc.boolean(),
    again: fc.boolean(),
    tear: fc.boolean(),
  });
  let expected = 0n;
  let calls = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), async (steps) => {
      const day = `20${String(30 + rounds++)}-01-01`;
      for (const { costs, breakAt, isAfter, again, tear } of steps) {
        const lines = costs.map((cost) => line(aRecord(`call_${calls++}`, { costPicoUsd: cost })));
        expected += costs.reduce((sum, cost) => sum + BigInt(cost), 0n);
        // A writer that was killed leaves half a line; one whose disk was full writes the same lines again.
        append(
          day,
          (tear ? `${line(aRecord('torn')).slice(0, 50)}\n` : '') + lines.join('') + (again ? lines.join('') : ''),
        );
        await importing(breaking(breakAt, isAfter))
          .run()
          .catch(() => {});
      }
      await importing().run();
      expect(await total()).toMatchObject({ calls, costPico: expected });
    }),
    { seed: 20261120, numRuns: 12 },
  );
  const { rows } = await store.usage.report({ ...EVER, by: ['key', 'model'], each: 'hour' });
  expect(rows.reduce((sum, row) => sum + row.costPico, 0n)).toBe(expected);
});

test('lets others change the database while it books', async () => {
  append('2026-11-20', Array.from({ length: 2_000 }, (_value, index) => line(aRecord(`call_${index}`))).join(''));
  const importer = startImport({ url, dataFolder, folder, journal: 'node_1', everyMs: 60_000, keepDays: 30 }, log);
  const booked = importer.catchUp();
  const names = Array.from({ length: 50 }, (_value, index) => `fact ${index}`);
  for (const name of names) await store.facts.set(name, name);
  await booked;
  expect(await store.facts.get('fact 49')).toBe('fact 49');
  expect(importer.whyUnwell()).toBeUndefined();
  expect((await total()).calls).toBe(2_000);
  await importer.close();
});

test('books in a thread of its own, and tells when it cannot', async () => {
  const place = { url, dataFolder, folder, journal: 'node_1', everyMs: 60_000, keepDays: 30 };
  append('2026-11-20', line(aRecord('call_1')));
  const importer = startImport(place, log);
  await importer.catchUp();
  expect(importer.state()).toEqual({ bookedCalls: 1, behindBytes: 0, unfitLines: 0 });
  append('2026-11-20', line(aRecord('call_2')));
  await importer.close();
  expect((await total()).calls).toBe(2);
  const blind = startImport({ ...place, url: 'postgres://nobody@127.0.0.1:1/none' }, log);
  await blind.catchUp();
  expect(blind.whyUnwell()).toBe(
    'The database none at 127.0.0.1:1 does not answer. Check that it runs and can be reached from here.',
  );
  await blind.close();
});
