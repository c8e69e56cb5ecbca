import { expect, test } from 'vitest';
import { chapter } from '../../../../bench/sim/breakers.ts';

test.each(chapter.run({ quick: true }).checks)('keeps its promise: $what $promise', ({ value, promise, holds }) => {
  expect(holds, `${value}, promised ${promise}`).toBe(true);
});
