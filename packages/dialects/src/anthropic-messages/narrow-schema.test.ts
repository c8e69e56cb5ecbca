import { expect, test } from 'vitest';
import type { JsonObject } from '../json.ts';
import { narrowSchema } from './narrow-schema.ts';

const object = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({ type: 'object', properties, ...more });
const closed = (properties: JsonObject) => object(properties, { additionalProperties: false });

test.each<[string, JsonObject, JsonObject]>([
  ['closes objects at every depth', object({ a: object({}) }), closed({ a: closed({}) })],
  [
    'keeps what the subset has',
    closed({ a: { type: 'string', format: 'date' }, b: { enum: ['x', 1, null] } }),
    closed({ a: { type: 'string', format: 'date' }, b: { enum: ['x', 1, null] } }),
  ],
  [
    'keeps minItems 0 and 1',
    closed({ a: { type: 'array', items: { type: 'string' }, minItems: 1 } }),
    closed({ a: { type: 'array', items: { type: 'string' }, minItems: 1 } }),
  ],
  [
    'makes a list of types a union',
    closed({ a: { type: ['string', 'null'], description: 'd' } }),
    closed({ a: { description: 'd', anyOf: [{ type: 'string' }, { type: 'null' }] } }),
  ],
  [
    'makes oneOf anyOf',
    closed({ a: { oneOf: [{ type: 'string' }, { type: 'number' }] } }),
    closed({ a: { anyOf: [{ type: 'string' }, { type: 'number' }] } }),
  ],
  [
    'unwraps a single allOf',
    closed({ a: { allOf: [{ type: 'string' }], description: 'd' } }),
    closed({ a: { type: 'string', description: 'd' } }),
  ],
  [
    'moves bounds behind the description',
    closed({ a: { type: 'string', description: 'd', maxLength: 3, pattern: 'x' } }),
    closed({ a: { type: 'string', description: 'd\n\n{maxLength: 3, pattern: "x"}' } }),
  ],
  [
    'keeps definitions and their references',
    { ...closed({ a: { $ref: '#/$defs/n' } }), $defs: { n: object({}) } },
    { ...closed({ a: { $ref: '#/$defs/n' } }), $defs: { n: closed({}) } },
  ],
  ['leaves $schema out', { $schema: 'x', ...closed({}) }, closed({})],
])('%s', (_what, schema, expected) => {
  expect(narrowSchema(schema)).toMatchObject({ schema: expected });
  const narrowed = narrowSchema(schema);
  expect('schema' in narrowed && narrowed.schema).toEqual(expected);
});

test.each<[JsonObject, string]>([
  [{ type: 'object' }, 'schema of any shape'],
  [closed({ a: object({}, { additionalProperties: { type: 'string' } }) }), 'schema a with free keys'],
  [closed({ a: {} }), 'schema a that takes anything'],
  [closed({ a: { $ref: 'https://example.com/x' } }), '$ref https://example.com/x'],
  [closed({ a: { $ref: '#' } }), '$ref #'],
  [
    { ...closed({ a: { $ref: '#/$defs/n' } }), $defs: { n: closed({ b: { $ref: '#/$defs/n' } }) } },
    'recursive $ref #/$defs/n',
  ],
  [closed({ a: { allOf: [{ type: 'string' }, { type: 'string' }] } }), 'schema a allOf'],
])('%j cannot be said', (schema, unfit) => {
  expect(narrowSchema(schema)).toEqual({ unfit });
});

test('references that fan out are walked once each', () => {
  const $defs: JsonObject = {};
  for (let level = 0; level < 40; level += 1) {
    $defs[`n${level}`] = closed({ a: { $ref: `#/$defs/n${level + 1}` }, b: { $ref: `#/$defs/n${level + 1}` } });
  }
  $defs['n40'] = { type: 'string' };
  expect(narrowSchema({ ...closed({ a: { $ref: '#/$defs/n0' } }), $defs })).toHaveProperty('schema');
});

test('the schema that was given is left as it is', () => {
  const schema = object({ a: { type: 'string', maxLength: 3 } });
  const before = structuredClone(schema);
  narrowSchema(schema);
  expect(schema).toEqual(before);
});
