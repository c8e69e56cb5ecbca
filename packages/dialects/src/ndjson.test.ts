import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLineReader, jsonLine } from './ndjson.ts';

test('lines are the same, wherever their bytes are cut', () => {
  const values = fc.array(fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constant('漢\n😀')), { maxLength: 5 });
  fc.assert(
    fc.property(values, fc.array(fc.nat(), { maxLength: 8 }), fc.boolean(), (all, places, isEnded) => {
      const text = all.map(jsonLine).join('');
      const bytes = Buffer.from(isEnded ? text : text.trimEnd());
      const cuts = [...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
      const reader = createLineReader();
      const lines = cuts.flatMap((cut, at) => reader.push(bytes.subarray(cuts[at - 1] ?? 0, cut)));
      expect([...lines, ...reader.finish()]).toEqual(all.map((value) => JSON.stringify(value)));
    }),
    { seed: 20_261_120, numRuns: 200 },
  );
});

test('empty lines and carriage returns say nothing', () => {
  const reader = createLineReader();
  const lines = reader.push(Buffer.from('\r\n{"a":1}\r\n\n  \n{"b":2}\r\n'));
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([{ a: 1 }, { b: 2 }]);
  expect(reader.finish()).toEqual([]);
});
