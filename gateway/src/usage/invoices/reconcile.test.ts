import { expect, test } from 'vitest';
import type { UsageReport, UsageRow, UsageSums } from '../usage-store.ts';
import type { Invoice, InvoiceLine } from './invoice.ts';
import { reconcile } from './reconcile.ts';
import { reconciliationCsv, reconciliationJson } from './reconciliation-table.ts';

const NOW = Date.parse('2026-12-01T00:00:00Z');
const CENT = 10_000_000_000n;

const nothing: UsageSums = {
  calls: 0,
  errors: 0,
  attempts: 0,
  cachedCalls: 0,
  inputTokens: 0,
  outputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  reasoningTokens: 0,
  costPico: 0n,
  unpriced: 0,
  estimated: 0,
  unseenCostPico: 0n,
};

const ours = (day: string, model: string, more: Partial<UsageSums>): UsageRow => ({
  ...nothing,
  attempts: 10,
  of: [model],
  startsAtMs: Date.parse(day),
  ...more,
});

const booked = { inputTokens: 1_000_000, outputTokens: 100_000, costPico: 100n * CENT };

function reconciled(rows: UsageRow[], lines: InvoiceLine[], more: Partial<Invoice> = {}) {
  const days = [
    ...new Set([
      ...rows.map(({ startsAtMs }) => new Date(startsAtMs!).toISOString().slice(0, 10)),
      ...lines.map(({ day }) => day),
    ]),
  ];
  const invoice: Invoice = { format: 'a format', lines, days, roundedToPico: 0n, hasMore: false, ...more };
  const total = { ...nothing };
  for (const row of rows) {
    for (const field of ['attempts', 'estimated', 'inputTokens', 'outputTokens', 'unpriced'] as const)
      total[field] += row[field];
    total.costPico += row.costPico;
  }
  const report: UsageReport = { rows, total, isCut: false };
  const commonName = (model: string) => model.replace(/-\d{8}$/, '');
  return reconcile({ invoices: [invoice], commonName }, report, NOW);
}

const why = (rows: UsageRow[], lines: InvoiceLine[], more?: Partial<Invoice>) =>
  reconciled(rows, lines, more).rows.map((row) => row.why);

const theirs = (day: string, model: string, more: Partial<InvoiceLine> = booked): InvoiceLine => ({
  day,
  model,
  ...more,
});

test('both sides of a day and model are added up, whatever the snapshot is called', () => {
  const found = reconciled(
    [ours('2026-11-20', 'm', booked), ours('2026-11-20', 'm-20250101', booked)],
    [
      theirs('2026-11-20', 'm-20250101'),
      theirs('2026-11-20', 'm', { costPico: 100n * CENT }),
      theirs('2026-11-20', 'm', { inputTokens: 1_000_000, outputTokens: 100_000 }),
    ],
  );
  expect(found.rows).toMatchObject([
    {
      day: '2026-11-20',
      model: 'm',
      why: 'agrees',
      ours: { inputTokens: 2_000_000, costPico: 200n * CENT, attempts: 20 },
      theirs: { inputTokens: 2_000_000, costPico: 200n * CENT },
    },
  ]);
});

test.each<[string, Partial<UsageSums>, Partial<InvoiceLine>]>([
  ['agrees', { ...booked, inputTokens: 1_004_000 }, booked],
  ['tokens', { ...booked, inputTokens: 900_000 }, booked],
  ['tokens', { ...booked, outputTokens: 90_000, costPico: 90n * CENT }, booked],
  ['price', { ...booked, costPico: 50n * CENT }, booked],
  ['unpriced', { ...booked, costPico: 0n, unpriced: 10 }, booked],
  ['estimated', { ...booked, outputTokens: 80_000, estimated: 2 }, booked],
  ['differs', { ...booked, costPico: 50n * CENT }, { costPico: 100n * CENT }],
])('%s: %o against %o', (expected, our, their) => {
  expect(why([ours('2026-11-20', 'm', our)], [theirs('2026-11-20', 'm', their)])).toEqual([expected]);
});

test('what only one side has is told so, and what used nothing is not told', () => {
  expect(why([], [theirs('2026-11-20', 'm')])).toEqual(['only-theirs']);
  expect(why([ours('2026-11-20', 'm', booked)], [])).toEqual(['only-ours']);
  expect(why([ours('2026-11-20', 'm', { attempts: 5 })], [theirs('2026-11-20', 'n', { costPico: 0n })])).toEqual([
    'agrees',
  ]);
  expect(why([], [{ day: '2026-11-20', costPico: CENT }])).toEqual(['no-model']);
});

test('a call that was booked on the next day is found there', () => {
  const [half, whole] = [
    { inputTokens: 600_000, outputTokens: 60_000 },
    { inputTokens: 400_000, outputTokens: 40_000 },
  ];
  const rows = [ours('2026-11-20', 'm', whole), ours('2026-11-21', 'm', half)];
  expect(why(rows, [theirs('2026-11-20', 'm', half), theirs('2026-11-21', 'm', whole)])).toEqual([
    'other-day',
    'other-day',
  ]);
  expect(why(rows, [theirs('2026-11-21', 'm', { inputTokens: 1_000_000, outputTokens: 100_000 })])).toEqual([
    'other-day',
    'other-day',
  ]);
  expect(why([ours('2026-11-20', 'm', half), ours('2026-11-21', 'm', half)], [])).toEqual(['only-ours', 'only-ours']);
});

test('amounts that are rounded to cents agree within their rounding, and not beyond it', () => {
  const their = [theirs('2026-11-20', 'm', { costPico: 0n }), theirs('2026-11-20', 'm', { costPico: CENT })];
  const rounded = { roundedToPico: CENT };
  const our = (costPico: bigint) => [ours('2026-11-20', 'm', { inputTokens: 1, costPico })];
  expect(why(our((19n * CENT) / 10n), their, rounded)).toEqual(['agrees']);
  expect(why(our((21n * CENT) / 10n), their, rounded)).toEqual(['differs']);
  expect(why(our((19n * CENT) / 10n), their)).toEqual(['differs']);
});

test('drift is ours less theirs, exact in money, and says nothing of what the other side does not tell', () => {
  const found = reconciled(
    [
      ours('2026-11-20', 'm', { ...booked, costPico: 98n * CENT + 1n, estimated: 1 }),
      ours('2026-11-21', 'n', { inputTokens: 5, unpriced: 1 }),
    ],
    [theirs('2026-11-20', 'm', { costPico: 100n * CENT })],
    { hasMore: true },
  );
  expect(reconciliationJson(found)).toMatchObject({
    from: '2026-11-20',
    to: '2026-11-21',
    rows: [
      { why: 'estimated', token_drift: null, cost_drift_usd: '-0.019999999999', cost_drift_share: -0.02 },
      {
        why: 'only-ours',
        ours: { cost_usd: null, unpriced_attempts: 1 },
        theirs: null,
        token_drift: 5,
        cost_drift_usd: '0',
      },
    ],
    total: {
      ours: { cost_usd: '0.980000000001' },
      theirs: { cost_usd: '1', input_tokens: null },
      cost_drift_usd: '-0.019999999999',
    },
    estimated_share: 0.05,
    explanations: { estimated: expect.stringContaining('estimated'), 'only-ours': expect.any(String) },
    notes: [expect.stringContaining('there are more')],
  });
  expect(reconciliationCsv(found).split('\r\n')[1]).toBe(
    '2026-11-20,m,1000000,100000,,0.980000000001,,,,1,,-0.019999999999,estimated',
  );
});

test('a day that is not over, and amounts without a model, are pointed out', () => {
  const found = reconciled([], [{ day: '2026-12-01', costPico: 1n }]);
  expect(found.notes).toEqual([
    expect.stringContaining('2026-12-01 is not over'),
    expect.stringContaining('name no model'),
  ]);
});
