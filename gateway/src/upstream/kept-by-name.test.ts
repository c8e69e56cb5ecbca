import { expect, test } from 'vitest';
import { createKeptByName } from './kept-by-name.ts';

test('keeps at most so many, and lets go of those that were not used', () => {
  let made = 0;
  const kept = createKeptByName(3, (name) => ({ name, number: ++made }));
  for (const name of ['a', 'b', 'c']) kept.of(name);
  kept.find('a');
  kept.of('d');
  expect(kept.size).toBe(3);
  expect([...kept.entries()].map(([name]) => name).sort()).toEqual(['a', 'c', 'd']);
  expect(kept.find('b')).toBeUndefined();
  expect(kept.of('a').number).toBe(1);
  kept.forget('a');
  expect(kept.of('a').number).toBe(5);
});

test('keeps to its size even if all are used all the time', () => {
  const kept = createKeptByName(10, () => ({}));
  for (let call = 0; call < 1_000; call++) {
    kept.of(`name-${call}`);
    kept.find(`name-${call}`);
  }
  expect(kept.size).toBe(10);
});
