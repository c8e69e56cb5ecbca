import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutText } from './reply-script.ts';

test('cuts a text so that its pieces make the text again, and never inside a character', () => {
  const how = fc.oneof(
    fc.constantFrom('words' as const, 'characters' as const, 'whole' as const),
    fc.integer({ min: 1, max: 9 }),
  );
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), how, (text, chunks) => {
      const pieces = cutText(text, chunks);
      expect(pieces.join('')).toBe(text);
      expect(pieces.every((piece) => piece !== '' && piece.isWellFormed())).toBe(true);
    }),
    { seed: 3 },
  );
});

test('cuts by words with the spaces before them, as models do', () => {
  expect(cutText('one  two\nthree ', 'words')).toEqual(['one', '  two', '\nthree ']);
  expect(cutText('naïve 😀', 3)).toEqual(['naï', 've ', '😀']);
  expect(cutText('just so', ['just', ' so'])).toEqual(['just', ' so']);
});
