import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPhrases, hundredths, quote } from './json-text.ts';

const SEED = 20261120;

describe('text in JSON', () => {
  test('any string is written as the runtime writes it', () => {
    const anyString = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constant('"\\\n\u0000'));
    fc.assert(
      fc.property(anyString, (text) => quote(text) === JSON.stringify(text)),
      { seed: SEED },
    );
  });

  test('half of a surrogate pair is escaped', () => {
    expect(quote('a\ud800b')).toBe('"a\\ud800b"');
  });

  test('a remembered phrase is the same as a fresh one, however many there were', () => {
    const phrase = createPhrases();
    for (let at = 0; at < 5_000; at++) expect(phrase(`model "${at}"`)).toBe(JSON.stringify(`model "${at}"`));
    expect(phrase('model "7"')).toBe(JSON.stringify('model "7"'));
  });

  test('a time is written as the runtime writes it when rounded to two digits', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e9, noNaN: true }),
        (value) => hundredths(value) === JSON.stringify(Math.round(value * 100) / 100),
      ),
      { seed: SEED },
    );
    expect([0, 0.004, 0.005, 1.5, 1.05, 12, -0.5].map(hundredths)).toEqual([
      '0',
      '0',
      '0.01',
      '1.5',
      '1.05',
      '12',
      '-0.5',
    ]);
  });

  test('what is no number is written as none', () => {
    expect(hundredths(Number.NaN)).toBe('0');
  });
});
