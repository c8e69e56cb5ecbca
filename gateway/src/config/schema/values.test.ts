import { expect, test } from 'vitest';
import { readDuration, readSize } from './values.ts';

test.each([
  [30, 30_000],
  [0.5, 500],
  ['250ms', 250],
  ['30s', 30_000],
  ['30', 30_000],
  ['5m', 300_000],
  ['24h', 86_400_000],
  ['7d', 604_800_000],
  ['1.5 h', 5_400_000],
  ['soon', undefined],
  ['-1s', undefined],
  ['1w', undefined],
])('the duration %j is %j ms', (written, milliseconds) => {
  expect(readDuration(written)).toBe(milliseconds);
});

test.each([
  [4096, 4096],
  ['512kb', 524_288],
  ['32mb', 33_554_432],
  ['32 MB', 33_554_432],
  ['1gb', 1_073_741_824],
  ['big', undefined],
])('the size %j is %j bytes', (written, bytes) => {
  expect(readSize(written)).toBe(bytes);
});
