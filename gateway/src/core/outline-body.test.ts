import fc from 'fast-check';
import { expect, test } from 'vitest';
import { outlineBody } from './outline-body.ts';

const outline = (text: string) => outlineBody(Buffer.from(text), ['model', 'stream']);
const valueAt = (text: string, key: string) => {
  const span = outline(text).values[key];
  return span && Buffer.from(text).toString('utf8', span.from, span.to);
};

test('finds the top-level value and not a nested or quoted one', () => {
  const text =
    '{"metadata":{"model":"no"},"messages":[{"content":"\\"model\\":\\"no\\" {"}], "model" : "gpt-5" ,"stream":true}';
  expect(valueAt(text, 'model')).toBe('"gpt-5"');
  expect(valueAt(text, 'stream')).toBe('true');
  expect(outline(text).isPlain).toBe(true);
});

test('trusts no bytes in which two readers may see different models', () => {
  expect(outline('{"model":"a","model":"b"}').isPlain).toBe(false);
  expect(outline('{"model":"a","mod\\u0065l":"b"}').isPlain).toBe(false);
});

test('names the place where JSON breaks', () => {
  for (const [text, where] of [
    ['', 'empty'],
    ['[1]', 'a JSON object at byte 0'],
    ['{"a":1', 'ends at byte 6'],
    ['{"a":1,}', 'a key in double quotes at byte 7'],
    ['{"a":[1,]}', 'a value at byte 8'],
    ['{"a":{"b" 1}}', '":" at byte 10'],
    ['{"a":tru}', 'a value at byte 5'],
    ['{"a":"x}', 'opens at byte 5 never ends'],
    ['{"a":1} x', 'the end of the body at byte 8'],
    ['{"a":01}', 'a value at byte 5'],
  ] as const) {
    expect(() => outline(text), text).toThrow(where);
  }
});

test('survives nesting that would overflow a recursive reader', () => {
  expect(() => outline(`{"a":${'['.repeat(100_000)}`)).toThrow('nested deeper');
});

test('agrees with JSON.parse on every object, however it is spaced', () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.oneof(fc.string(), fc.constantFrom('model', 'stream', 'mo\\del')),
        fc.jsonValue({ maxDepth: 4 }),
      ),
      fc.constantFrom(undefined, 1, '\t'),
      (object, space) => {
        const text = JSON.stringify(object, null, space);
        const found = outline(text);
        const bytes = Buffer.from(text);
        for (const key of ['model', 'stream']) {
          const span = found.values[key];
          if (!Object.hasOwn(object, key)) expect(span).toBeUndefined();
          else
            expect(JSON.parse(bytes.toString('utf8', span!.from, span!.to))).toEqual(
              JSON.parse(JSON.stringify(object[key])),
            );
        }
      },
    ),
    { seed: 20261120, numRuns: 500 },
  );
});

test('refuses every text that JSON.parse refuses, but for escapes inside strings', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom('a', 'model'), fc.jsonValue({ maxDepth: 3, noUnicodeString: true })),
      fc.nat(),
      fc.constantFrom('', ',', '}', ']', '{', '1', 'x', ':'),
      (object, position, insert) => {
        const text = JSON.stringify(object);
        const cut = position % (text.length + 1);
        const broken = text.slice(0, cut) + insert + text.slice(cut + 1);
        let isValid = true;
        try {
          const value: unknown = JSON.parse(broken);
          isValid = typeof value === 'object' && value !== null && !Array.isArray(value);
        } catch {
          isValid = false;
        }
        if (isValid) expect(() => outline(broken)).not.toThrow();
        else if (!broken.includes('\\')) expect(() => outline(broken)).toThrow();
      },
    ),
    { seed: 20261120, numRuns: 2000 },
  );
});
