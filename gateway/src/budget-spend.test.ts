import { expect, test } from 'vitest';
import { spentHourly, spentIn } from './budget-spend.ts';
import type { UsageQuery, UsageReport } from './usage/usage-store.ts';

const SPAN = { fromMs: 1, toMs: 2 };

/** A ledger that gives the same rows to every question, and remembers what it was asked. */
function aLedger(rows: { of?: string[]; keyName?: string; costPico: bigint; startsAtMs?: number }[]) {
  const asked: UsageQuery[] = [];
  const total = { costPico: rows.reduce((sum, { costPico }) => sum + costPico, 0n) };
  const report = async (query: UsageQuery) => {
    asked.push(query);
    return { rows: rows.map((row) => ({ of: [], ...row })), total, isCut: false } as unknown as UsageReport;
  };
  return { asked, report };
}

test.each([
  [{ kind: 'gateway', id: '' }, [{}]],
  [{ kind: 'team', id: 'a' }, [{ team: ['a'] }]],
  [{ kind: 'tag', id: 'env=a=b' }, [{ 'tag:env': ['a=b'] }]],
  [{ kind: 'model', id: 'gpt-5' }, [{ model: ['gpt-5'] }]],
  [{ kind: 'model', id: 'x/y/z' }, [{ model: ['x/y/z'] }, { provider: ['x'], model: ['y/z'] }]],
] as const)('asks the ledger for %o', async (scope, filters) => {
  const ledger = aLedger([{ costPico: 5n }]);
  expect(await spentIn(ledger, scope, SPAN)).toBe(5 * filters.length);
  expect(ledger.asked).toEqual(filters.map((filter) => ({ ...SPAN, filter })));
});

test("a key's budget counts the keys of its name together, as a key and its successor are one", async () => {
  const ledger = aLedger([
    { of: ['key_1'], keyName: 'app', costPico: 1n, startsAtMs: 10 },
    { of: ['key_2'], keyName: 'app', costPico: 2n, startsAtMs: 20 },
    { of: ['key_3'], keyName: 'other', costPico: 4n, startsAtMs: 30 },
  ]);
  expect(await spentIn(ledger, { kind: 'key', id: 'app' }, SPAN)).toBe(3);
  expect(await spentIn(ledger, { kind: 'key', id: 'key_3' }, SPAN)).toBe(4);
  expect(await spentHourly(ledger, { kind: 'key', id: 'app' }, SPAN)).toEqual([
    { startsAtMs: 10, costPico: 1 },
    { startsAtMs: 20, costPico: 2 },
  ]);
});
