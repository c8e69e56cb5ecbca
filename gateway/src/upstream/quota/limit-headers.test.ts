import { expect, test } from 'vitest';
import { readReset } from './limit-headers.ts';

const SENT = Date.parse('2026-03-01T12:00:00Z');

test.each([
  ['6m0s', 360_000],
  ['12ms', 12],
  ['1h2m3.5s', 3_723_500],
  ['10.332999999s', 10_332.999999],
  ['2m59.56s', 179_560],
  ['0s', 0],
  ['0', 0],
  ['7', 7_000],
  ['1.5', 1_500],
  ['2026-03-01T12:00:41Z', 41_000],
  ['2026-03-01T13:00:41+01:00', 41_000],
  ['Sun, 01 Mar 2026 12:00:05 GMT', 5_000],
  [String(SENT + 9_000), 9_000],
  [String(SENT / 1_000 + 9), 9_000],
  ['2026-03-01T11:00:00Z', 0],
  ['', undefined],
  ['soon', undefined],
])('reads a reset of %j as %s ms', (written, expected) => {
  const read = readReset(written, SENT);
  if (expected === undefined) expect(read).toBeUndefined();
  else expect(read).toBeCloseTo(expected, 6);
});
