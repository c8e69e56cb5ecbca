import { expect, test } from 'vitest';
import { SqliteFault, startSqlite } from './sqlite-thread.ts';

const rows = (sql: string, ...parameters: unknown[]) => ({ sql, parameters, wants: 'rows' as const });
const fail = (error: Error) => {
  throw error;
};

test('works off statements in the order in which they come', async () => {
  const thread = await startSqlite(':memory:', fail);
  const asked = [
    thread.run(rows('create table t (n integer, b integer)')),
    thread.run({ sql: 'insert into t values (?, ?), (?, ?)', parameters: [1, true, null, false], wants: 'changes' }),
    thread.run(rows('select * from t')),
  ];
  const [, inserted, selected] = await Promise.all(asked);
  expect(inserted!.changes).toBe(2);
  expect(selected!.rows).toEqual([
    { n: 1, b: 1 },
    { n: null, b: 0 },
  ]);
  await thread.close();
});

test('fails a wrong statement alone, with the code of SQLite', async () => {
  const thread = await startSqlite(':memory:', fail);
  const wrong = await thread.run(rows('selec 1')).catch((error) => error);
  expect(wrong).toBeInstanceOf(SqliteFault);
  expect(wrong.fault).toMatchObject({ resultCode: 1, message: expect.stringContaining('syntax error') });
  expect((await thread.run(rows('select 1 as one'))).rows).toEqual([{ one: 1 }]);
  await thread.close();
});

test('answers what was asked before it was closed, and refuses the rest', async () => {
  const thread = await startSqlite(':memory:', fail);
  const before = thread.run(rows('select 1 as one'));
  const closing = thread.close();
  await expect(thread.run(rows('select 2 as two'))).rejects.toThrow('closed');
  expect((await before).rows).toEqual([{ one: 1 }]);
  await closing;
  await thread.close();
});
