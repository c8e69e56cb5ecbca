import { expect, test } from 'vitest';
import { restAfter } from './rest-after.ts';

test('rests twenty-four times as long as it worked while the backlog is young', () => {
  expect(restAfter({ workedMs: 20, ageMs: 0 })).toBeCloseTo(480);
  expect(restAfter({ workedMs: 20, ageMs: 60_000 })).toBeCloseTo(480);
});

test('does not rest before a backlog that is older than a minute', () => {
  expect(restAfter({ workedMs: 20, ageMs: 60_001 })).toBe(0);
});
