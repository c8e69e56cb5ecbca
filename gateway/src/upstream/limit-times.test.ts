import { expect, test } from 'vitest';
import { type Limits, limitTimes } from './limit-times.ts';

const own = { connect: 5_000, firstByte: 60_000, idle: 60_000, total: 600_000 };
const limits = (more: Partial<Limits> = {}) =>
  limitTimes({
    own,
    firstByteMs: undefined,
    learn: undefined,
    leftMs: Number.POSITIVE_INFINITY,
    isFirstOfSeveral: false,
    ...more,
  });

test('where nobody says otherwise the target’s own limits hold, as they are', () => {
  expect(limits().timeouts).toBe(own);
  expect(limits({ firstByteMs: 0 }).timeouts).toBe(own);
});

test.each([
  ['the plan waits less', { firstByteMs: 15_000 }, 15_000],
  ['the plan waits more than the target', { firstByteMs: 180_000 }, 60_000],
  ['the model is known to be quick', { learn: () => 4_000 }, 4_000],
  ['what is known is bounded by the plan', { firstByteMs: 15_000, learn: (max: number) => max }, 15_000],
  ['the target waits for ever and the plan does not', { own: { ...own, firstByte: 0 }, firstByteMs: 9_000 }, 9_000],
])('%s', (_, more, firstByte) => {
  expect(limits(more)).toMatchObject({ timeouts: { firstByte }, isHurried: false });
});

test('a client that cannot wait hurries all that is waited for, and the first of several may spend half of it', () => {
  expect(limits({ leftMs: 10_000 })).toMatchObject({ timeouts: { firstByte: 10_000, total: 10_000 }, isHurried: true });
  expect(limits({ leftMs: 10_000, isFirstOfSeveral: true }).timeouts).toMatchObject({
    firstByte: 5_000,
    total: 10_000,
  });
  expect(limits({ leftMs: 10_000, learn: () => 3_000 })).toMatchObject({
    timeouts: { firstByte: 3_000 },
    isHurried: false,
  });
});
