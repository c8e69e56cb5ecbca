import { expect, test } from 'vitest';
import { goDuration } from './limit-headers.ts';

test('durations are written as Go writes them', () => {
  const written = [0, 12, 999.2, 1_500, 6_000, 360_000, 3_723_000].map(goDuration);
  expect(written).toEqual(['0ms', '12ms', '1s', '1.5s', '6s', '6m0s', '1h2m3s']);
});
