import fc from 'fast-check';
import { Kysely } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { systemClock as clock } from '../../core/clock.ts';
import { sqliteDialect } from '../sqlite/sqlite-dialect.ts';
import { startSqlite } from '../sqlite/sqlite-thread.ts';
import type { AuditNote, Store } from '../store.ts';
import { FIRST_HASH } from './audit-chain.ts';
import { migrate } from './migrate.ts';
import { createSqlStore } from './sql-store.ts';
import type { AuditRow, Tables } from './tables.ts';

let db: Kysely<Tables>;
let store: Pick<Store, 'audit' | 'change' | 'tenants'>;
let count = 0;

beforeAll(async () => {
  db = new Kysely<Tables>({ dialect: sqliteDialect(await startSqlite(':memory:', () => {})) });
  await migrate(db);
  store = createSqlStore({ db, clock });
});

beforeEach(async () => {
  await db.deleteFrom('audit').execute();
  await db.updateTable('audit_head').set({ sequence: 0, hash: FIRST_HASH }).execute();
});

afterAll(() => db.destroy());

const text = fc.string({ maxLength: 8, unit: 'grapheme' });
const note = fc.record({
  atMs: fc.nat(),
  actor: text,
  actorId: fc.option(text, { nil: undefined }),
  action: text,
  noun: text,
  nounId: text,
  nounName: text,
  before: fc.option(fc.dictionary(text, fc.jsonValue()), { nil: undefined }),
  after: fc.option(fc.dictionary(text, fc.jsonValue()), { nil: undefined }),
  requestId: fc.option(text, { nil: undefined }),
  remoteAddress: fc.option(text, { nil: undefined }),
});

const append = (given: Omit<AuditNote, 'id'>) =>
  store.change((books) => books.note({ id: `audit_${count++}`, ...given }));

const aNote = (nounId: string) => ({ atMs: 1, actor: 'a', action: 'create', noun: 'key', nounId, nounName: 'app' });

test('a chain of any entries is whole, and whatever is changed in it is found where it stands', async () => {
  const columns = [
    'actor',
    'actor_id',
    'action',
    'noun_id',
    'noun_name',
    'before',
    'after',
    'remote_address',
    'at_ms',
    'hash',
    'previous_hash',
  ] as const;
  await fc.assert(
    fc
      .asyncProperty(
        fc.array(note, { minLength: 1, maxLength: 6 }),
        fc.nat(),
        fc.constantFrom(...columns),
        async (notes, place, column) => {
          for (const one of notes) await append(one as Omit<AuditNote, 'id'>);
          const verdict = await store.audit.verify();
          expect(verdict).toMatchObject({ isIntact: true, entries: notes.length });

          const sequence = (place % notes.length) + 1;
          const { [column]: old } = (await db
            .selectFrom('audit')
            .select(column)
            .where('sequence', '=', sequence)
            .executeTakeFirstOrThrow()) as Partial<AuditRow>;
          await db
            .updateTable('audit')
            .set({ [column]: column === 'at_ms' ? Number(old) + 1 : `${old}x` })
            .where('sequence', '=', sequence)
            .execute();
          expect(await store.audit.verify()).toMatchObject({
            isIntact: false,
            entries: sequence - 1,
            brokenAt: sequence,
          });
        },
      )
      .afterEach(async () => {
        await db.deleteFrom('audit').execute();
        await db.updateTable('audit_head').set({ sequence: 0, hash: FIRST_HASH }).execute();
      }),
    { seed: 20261120, numRuns: 60 },
  );
});

test.each([1, 2, 3])('entry %i of three is missed where it was taken away', async (sequence) => {
  for (const id of ['1', '2', '3']) await append(aNote(id));
  await db.deleteFrom('audit').where('sequence', '=', sequence).execute();
  expect(await store.audit.verify()).toEqual({
    isIntact: false,
    entries: sequence - 1,
    brokenAt: sequence,
    why: `Entry ${sequence} is missing.`,
  });
});

test('an end that was rewritten with its hashes is found by the head', async () => {
  await append(aNote('1'));
  const { hash } = await store.audit.head();
  await append(aNote('2'));
  await db.deleteFrom('audit').where('sequence', '=', 2).execute();
  await db.updateTable('audit_head').set({ sequence: 1 }).execute();
  expect(await store.audit.verify()).toMatchObject({ isIntact: false });
  await db.updateTable('audit_head').set({ hash }).execute();
  expect(await store.audit.verify()).toMatchObject({ isIntact: true, entries: 1 });
});

test('a change that fails leaves neither itself nor a note of it', async () => {
  await append(aNote('1'));
  const failing = store.change(async (books) => {
    await books.tenants.insert({ kind: 'team', id: 'team_x', name: 'x', createdAtMs: 1 });
    await books.note({ id: 'audit_lost', ...aNote('team_x') });
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(await store.tenants.find('team_x')).toBeUndefined();
  expect(await store.audit.verify()).toMatchObject({ isIntact: true, entries: 1 });
});

test('many changes at once become one chain', async () => {
  await Promise.all(Array.from({ length: 30 }, (_, index) => append(aNote(String(index)))));
  expect(await store.audit.verify()).toMatchObject({ isIntact: true, entries: 30 });
  const sequences = (await store.audit.list({ limit: 100 })).map(({ sequence }) => sequence);
  expect(sequences).toEqual(Array.from({ length: 30 }, (_, index) => 30 - index));
});

test('a chain longer than is read at once is whole', async () => {
  await store.change(async (books) => {
    for (let index = 0; index < 501; index++) await books.note({ id: `audit_${count++}`, ...aNote(String(index)) });
  });
  expect(await store.audit.verify()).toMatchObject({ isIntact: true, entries: 501 });
});

test('entries are found by what they are about, and by whom and when', async () => {
  await append({ ...aNote('1'), atMs: 10 });
  await append({ ...aNote('2'), atMs: 20, actor: 'b', noun: 'team' });
  await append({ ...aNote('1'), atMs: 30, action: 'revoke' });
  const found = async (query: object) =>
    (await store.audit.list({ limit: 10, ...query })).map(({ sequence }) => sequence);
  expect(await found({ nounId: '1' })).toEqual([3, 1]);
  expect(await found({ noun: 'team' })).toEqual([2]);
  expect(await found({ actor: 'a', action: 'revoke' })).toEqual([3]);
  expect(await found({ fromMs: 20, toMs: 30 })).toEqual([2]);
  expect(await found({ beforeSequence: 3, limit: 1 })).toEqual([2]);
  expect(await found({ nounName: 'nobody' })).toEqual([]);
});
