import { expect, test } from 'vitest';
import { createMediaCache } from './media-cache.ts';

const media = (length: number) => ({ data: 'x'.repeat(length), bytes: length, told: undefined, seen: undefined });

test('gives what is young and forgets what is old', () => {
  let now = 0;
  const cache = createMediaCache({ mostBytes: 100, lifetimeMs: 10, now: () => now });
  const kept = media(10);
  cache.put('a', kept);
  now = 9;
  expect(cache.get('a')).toBe(kept);
  now = 10;
  expect(cache.get('a')).toBeUndefined();
});

test('holds no more than its bytes, and lets go of what was used longest ago', () => {
  const cache = createMediaCache({ mostBytes: 100, lifetimeMs: 10, now: () => 0 });
  cache.put('a', media(40));
  cache.put('b', media(40));
  cache.get('a');
  cache.put('c', media(40));
  expect(['a', 'b', 'c'].map((url) => cache.get(url) !== undefined)).toEqual([true, false, true]);
  cache.put('a', media(10));
  cache.put('d', media(50));
  expect(['a', 'c', 'd'].map((url) => cache.get(url) !== undefined)).toEqual([true, true, true]);
});

test('what is larger than half of it is not kept', () => {
  const cache = createMediaCache({ mostBytes: 100, lifetimeMs: 10, now: () => 0 });
  cache.put('a', media(10));
  cache.put('b', media(51));
  expect([cache.get('a')?.bytes, cache.get('b')]).toEqual([10, undefined]);
});
