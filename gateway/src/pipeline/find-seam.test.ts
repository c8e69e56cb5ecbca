import { assert, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { findSeam } from './find-seam.ts';

test.each([
  ['', 'and then', { found: 'not-yet' }],
  ['and', 'and then', { found: 'not-yet' }],
  ['and then he', 'and then', { found: 'yes', rest: ' he' }],
  ['“and then he', 'and then', { found: 'yes', rest: ' he' }],
  ['and\n then he', 'and then', { found: 'yes', rest: ' he' }],
  ['and so he', 'and then', { found: 'no' }],
  ['I am sorry', 'and then', { found: 'no' }],
  ['and then  he', 'and then ', { found: 'yes', rest: 'he' }],
])('%j after %j', (heard, anchor, seam) => {
  expect(findSeam(heard, anchor)).toEqual(seam);
});

test('whatever the text and wherever it is cut, what is repeated is taken off and nothing else', () => {
  const solid = string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).map(
    (text) => `x${text.replace(/\s/g, '_')}x`,
  );
  assert(
    property(solid, solid, (anchor, rest) => {
      expect(findSeam(anchor + rest, anchor)).toEqual({ found: 'yes', rest });
    }),
    { seed: 7, numRuns: 500 },
  );
});

test('a beginning of the anchor is waited for, character by character', () => {
  const anchor = 'König, der 3 Töchter hatte';
  for (let length = 0; length < anchor.length; length++)
    expect(findSeam(anchor.slice(0, length), anchor).found, String(length)).toBe('not-yet');
});
