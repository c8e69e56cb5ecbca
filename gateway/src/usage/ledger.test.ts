import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { aRecord } from '../../test/stores/a-record.ts';
import { readJournalLine } from './journal-line.ts';
import { createLedger, type Ledger, type LedgerSettings } from './ledger.ts';

let folder: string;
let ledger: Ledger | undefined;
const failures: { code: string | undefined; waiting: number; lost: number }[] = [];

beforeEach(() => {
  folder = path.join(mkdtempSync(path.join(tmpdir(), 'xidao-journal-')), 'ledger');
  failures.length = 0;
});

afterEach(async () => {
  await ledger?.close();
  rmSync(path.dirname(folder), { recursive: true, force: true });
});

function open(settings: Partial<LedgerSettings> = {}): Ledger {
  ledger = createLedger({
    folder,
    gatherMs: 1,
    retryMs: 1,
    onFailure: (error: NodeJS.ErrnoException, waiting, lost) => failures.push({ code: error.code, waiting, lost }),
    ...settings,
  });
  return ledger;
}

const today = () => path.join(folder, '2026-11-20.ndjson');
const idsIn = (file: string) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => readJournalLine(line)?.id ?? []);

test('writes down by itself what was entered, in its order, and a day in a file of its own', async () => {
  const { enter, flush } = open({ gatherMs: 5 });
  enter(aRecord('call_1'));
  enter(aRecord('call_2'));
  await vi.waitFor(() => expect(existsSync(today())).toBe(true), { interval: 1 });
  await vi.waitFor(() => expect(idsIn(today())).toEqual(['call_1', 'call_2']), { interval: 1 });
  enter(aRecord('call_3', { startedAtMs: Date.parse('2026-11-20T23:59:59.900Z') }));
  enter(aRecord('call_4', { startedAtMs: Date.parse('2026-11-20T23:00:00Z') }));
  await flush();
  expect(readdirSync(folder)).toEqual(['2026-11-20.ndjson', '2026-11-21.ndjson']);
  // The third ended after midnight; what ends later is never written into the day before.
  expect(idsIn(path.join(folder, '2026-11-21.ndjson'))).toEqual(['call_3', 'call_4']);
});

test('begins a new line after one that was torn', async () => {
  mkdirSync(folder);
  writeFileSync(today(), '{"v":1,"id":"call_0","at":17');
  const { enter, flush } = open();
  enter(aRecord('call_1'));
  await flush();
  expect(idsIn(today())).toEqual(['call_1']);
});

test('keeps lines while the disk is full, says so, and writes them when there is room', async () => {
  mkdirSync(folder);
  symlinkSync('/dev/full', today());
  const { enter, flush, whyUnwell, backlog } = open({ retryMs: 60_000 });
  enter(aRecord('call_1'));
  await flush();
  enter(aRecord('call_2'));
  await flush();
  expect(failures).toEqual([
    { code: 'ENOSPC', waiting: 1, lost: 0 },
    { code: 'ENOSPC', waiting: 2, lost: 0 },
  ]);
  expect(whyUnwell()).toMatch(/cannot be written \(ENOSPC\); 2 lines wait/);
  rmSync(today());
  await flush();
  expect(idsIn(today())).toEqual(['call_1', 'call_2']);
  expect(whyUnwell()).toBeUndefined();
  expect(backlog()).toEqual({ waiting: 0, lost: 0 });
});

test('tries again by itself', async () => {
  mkdirSync(folder);
  symlinkSync('/dev/full', today());
  const { enter } = open();
  enter(aRecord('call_1'));
  await vi.waitFor(() => expect(failures.length).toBeGreaterThan(2), { interval: 1 });
  rmSync(today());
  await vi.waitFor(() => expect(existsSync(today()) && idsIn(today())).toEqual(['call_1']), { interval: 1 });
});

test('gives the oldest lines up when too many wait, and counts them', async () => {
  mkdirSync(folder);
  symlinkSync('/dev/full', today());
  const { enter, flush, backlog } = open({ mostWaiting: 10, retryMs: 60_000 });
  for (let index = 0; index < 40; index++) enter(aRecord(`call_${index}`));
  await flush();
  const { waiting, lost } = backlog();
  expect(waiting).toBe(10);
  expect(lost).toBe(30);
  rmSync(today());
  await flush();
  expect(idsIn(today())).toEqual(Array.from({ length: 10 }, (_value, index) => `call_${30 + index}`));
});
