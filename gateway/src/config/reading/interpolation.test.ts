// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the references of configuration look like this.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hideReferences, resolveReferences } from './interpolation.ts';

function resolve(text: string, env: Record<string, string> = {}) {
  const { text: hidden, references } = hideReferences(text);
  return resolveReferences(hidden, references, env);
}

test.each([
  ['${A}', 'one'],
  ['x-${A}-${B}', 'x-one-'],
  ['${B:-two}', 'two'],
  ['${C:-http://h:1/?a=b, "c"}', 'http://h:1/?a=b, "c"'],
  ['${C:-}', ''],
  ['$${A}', '${A}'],
  ['$$${A}', '$${A}'],
  ['costs $5 {x}', 'costs $5 {x}'],
])('%j becomes %j', (text, expected) => {
  const { text: resolved, faults } = resolve(text, { A: 'one', B: '' });
  expect({ resolved, faults }).toEqual({ resolved: expected, faults: [] });
});

test.each(['${A}', '${1}', '${}', '${A-b}', '${A:-${B}}', '${A'])('%j is a fault', (text) => {
  expect(resolve(text).faults).toHaveLength(1);
});

test('a value is never read as a reference again', () => {
  expect(resolve('${A}', { A: '${B}', B: 'x' })).toMatchObject({ text: '${B}', faults: [] });
});

test('hiding keeps every line and column, and resolving brings all back', () => {
  const piece = fc.oneof(
    fc.constantFrom('${A}', '${LONG_NAME:-x y}', '$${A}', '\n', '}', '$'),
    fc.string({ maxLength: 5 }),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const text = pieces.join('');
      const { text: hidden, references } = hideReferences(text);
      expect(hidden.length).toBe(text.length);
      expect(hidden.split('\n').map((line) => line.length)).toEqual(text.split('\n').map((line) => line.length));
      const plain = text.replaceAll(/\$?\$\{[^}\n"':]*(?::[^}\n]*)?\}/g, '');
      const resolved = resolveReferences(
        hidden,
        references.map(() => ({ kind: 'literal', text: '' })),
        {},
      );
      expect(resolved.text).toBe(plain);
    }),
    { seed: 3 },
  );
});
