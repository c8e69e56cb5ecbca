import { expect, test } from 'vitest';
import { deadlineOf } from './deadline.ts';

const at = (written?: string | string[]) =>
  deadlineOf({ startedAt: 1_000, headers: written === undefined ? {} : { 'x-xidao-deadline': written } });

test('a deadline counts from the first byte of the call', () => {
  expect(at('20s')).toBe(21_000);
  expect(at('1500ms')).toBe(2_500);
  expect(at('2m')).toBe(121_000);
  expect(at('3')).toBe(4_000);
});

test('a client that says nothing waits for ever', () => {
  expect(at()).toBe(Number.POSITIVE_INFINITY);
});

test('what is no duration, or none at all, is the caller’s mistake', () => {
  for (const written of ['soon', '', '0s', '-5s', ['1s', '2s']])
    expect(() => at(written)).toThrow(expect.objectContaining({ code: 'invalid_request', param: 'x-xidao-deadline' }));
});
