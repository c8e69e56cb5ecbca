import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dollarsOf } from './dollars.ts';
import { reportCsv, reportJson, savingsJson } from './report-table.ts';
import type { UsageReport, UsageSums } from './usage-store.ts';
import { writeCsv } from './write-csv.ts';

const SUMS: UsageSums = {
  calls: 2,
  errors: 1,
  attempts: 3,
  cachedCalls: 0,
  inputTokens: 100,
  outputTokens: 20,
  cachedInputTokens: 40,
  cacheWriteTokens: 0,
  reasoningTokens: 5,
  costPico: 9_007_199_254_740_993_000_001n,
  unpriced: 1,
  estimated: 0,
  unseenCostPico: 0n,
  meanDurationMs: 100 / 3,
};
const REPORT: UsageReport = {
  rows: [
    { of: ['key_1', null], keyName: 'the "app", mine', startsAtMs: 0, ...SUMS },
    { of: ['key_2', '=HYPERLINK("x")'], startsAtMs: 3_600_000, ...SUMS },
  ],
  total: SUMS,
  isCut: false,
};

test('a report is objects with their dimensions by name, and money as exact texts', () => {
  const costs = reportJson(REPORT, { by: ['key', 'tag:app'], kind: 'costs' });
  expect(costs).toMatchObject({
    rows: [
      {
        starts_at: '1970-01-01T00:00:00.000Z',
        key: 'key_1',
        'tag:app': null,
        key_name: 'the "app", mine',
        cost_usd: '9007199254.740993000001',
        unpriced_attempts: 1,
      },
      { key: 'key_2' },
    ],
    total: { cost_usd: '9007199254.740993000001', unseen_cost_usd: '0' },
    truncated: false,
  });
  expect(JSON.parse(JSON.stringify(costs))).toEqual(costs);
  expect(reportJson(REPORT, { by: ['key', 'tag:app'], kind: 'usage' })).toMatchObject({
    total: { calls: 2, cached_input_tokens: 40, mean_duration_ms: 33.33, mean_first_byte_ms: null },
  });
});

test('a report is a table that spreadsheets read, and run nothing of', () => {
  const lines = reportCsv(REPORT, { by: ['key', 'tag:app'], kind: 'costs' }).split('\r\n');
  expect(lines).toEqual([
    'starts_at,key,tag:app,key_name,cost_usd,unseen_cost_usd,calls,unpriced_attempts,estimated_attempts,input_tokens,output_tokens',
    '1970-01-01T00:00:00.000Z,key_1,,"the ""app"", mine",9007199254.740993000001,0,2,1,0,100,20',
    '1970-01-01T01:00:00.000Z,key_2,"\'=HYPERLINK(""x"")",,9007199254.740993000001,0,2,1,0,100,20',
    '',
  ]);
  expect(writeCsv(['a'], [[-1], [2n], [true], ['x\ny'], [undefined]])).toBe('a\r\n-1\r\n2\r\ntrue\r\n"x\ny"\r\n\r\n');
});

test('savings stand apart, each with its formula', () => {
  expect(savingsJson([{ by: 'prompt-cache', savedPico: -90n, calls: 2, formula: 'a × b' }])).toEqual([
    { by: 'prompt-cache', saved_usd: '-0.00000000009', calls: 2, formula: 'a × b' },
  ]);
});

test('dollars are exact, however small or large', () => {
  expect([0n, 1n, -1n, 10n ** 12n, 1_500_000_000_000n, 12].map(dollarsOf)).toEqual([
    '0',
    '0.000000000001',
    '-0.000000000001',
    '1',
    '1.5',
    '0.000000000012',
  ]);
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), (pico) => {
      const [, sign, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(dollarsOf(pico))!;
      expect(BigInt(`${sign}${whole}${fraction.padEnd(12, '0')}`)).toBe(pico);
    }),
    { seed: 20261120 },
  );
});

test('costs of which nothing has a price are not known; those of which a part has one are that part', () => {
  const shape = { by: ['model'], kind: 'costs' } as const;
  const row = (costPico: bigint, unpriced: number) => ({ ...SUMS, of: ['m'], costPico, unpriced });
  const report = { rows: [row(0n, 1), row(5n, 1), row(0n, 0)], total: SUMS, isCut: false };
  const { rows } = reportJson(report, shape) as { rows: { cost_usd: string | null }[] };
  expect(rows.map(({ cost_usd }) => cost_usd)).toEqual([null, '0.000000000005', '0']);
  expect(reportCsv(report, shape).split('\r\n')[1]).toMatch(/^m,,0,/);
});

test('a negative amount is a number to a spreadsheet, and a formula that looks like one is not', () => {
  expect(writeCsv(['a'], [['-0.5'], ['-1'], ['-1+cmd'], ['+1'], ['-']])).toBe(
    "a\r\n-0.5\r\n-1\r\n'-1+cmd\r\n'+1\r\n'-\r\n",
  );
});
