import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../json.ts';
import { countNodes } from './schema-refs.ts';
import { writeSchema } from './schema-subset.ts';

const props = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({ type: 'object', properties, ...more });

describe('the JSON form', () => {
  test('carries what Gemini documents, references included', () => {
    const schema = props(
      {
        id: { type: ['string', 'null'], pattern: '^a', description: 'd' },
        at: { $ref: '#/$defs/Place' },
        pair: { type: 'array', prefixItems: [{ type: 'number' }, { type: 'string' }] },
      },
      { required: ['id'], additionalProperties: false, $defs: { Place: props({ x: { type: 'number', minimum: 0 } }) } },
    );
    expect(writeSchema(schema, 'json')).toEqual({ schema, lost: [] });
  });

  test.each([
    ['$schema', { $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'string' }, { type: 'string' }, []],
    ['const', { const: 'a' }, { type: 'string', enum: ['a'] }, []],
    ['const of a boolean', { const: true }, { type: 'boolean' }, ['enum (not strings)']],
    ['an empty enum', { type: 'string', enum: [] }, { type: 'string' }, ['enum (empty)']],
    ['null in an enum', { type: 'string', enum: ['a', null] }, { type: ['string', 'null'], enum: ['a'] }, []],
    ['several types', { type: ['string', 'number'] }, { anyOf: [{ type: 'string' }, { type: 'number' }] }, []],
    ['an exclusive bound of integers', { type: 'integer', exclusiveMinimum: 0 }, { type: 'integer', minimum: 1 }, []],
    [
      'an exclusive bound',
      { type: 'number', minimum: 3, exclusiveMaximum: 5 },
      { type: 'number', maximum: 5, minimum: 3 },
      ['exclusiveMaximum→maximum'],
    ],
    ['look-around', { type: 'string', pattern: '^(?!a)' }, { type: 'string' }, ['pattern (look-around)']],
    ['propertyNames', { type: 'object', propertyNames: { pattern: 'a' } }, { type: 'object' }, ['propertyNames']],
    [
      'uniqueItems',
      { type: 'array', items: { type: 'string' }, uniqueItems: true },
      { type: 'array', items: { type: 'string' } },
      ['uniqueItems'],
    ],
    [
      'allOf',
      { allOf: [props({ a: { type: 'string' } }, { required: ['a'] }), props({ b: { type: 'number' } })] },
      props({ b: { type: 'number' }, a: { type: 'string' } }, { required: ['a'] }),
      [],
    ],
    [
      'required without a property',
      { type: 'object', properties: {}, required: ['x'] },
      { type: 'object', properties: {} },
      ['required (undeclared)'],
    ],
    [
      '$ref to definitions',
      { ...props({ a: { $ref: '#/definitions/A', description: 'd' } }), definitions: { A: { type: 'string' } } },
      props({ a: { type: 'string', description: 'd' } }),
      [],
    ],
  ] as [string, JsonObject, JsonObject, string[]][])('handles %s', (_, schema, expected, lost) => {
    expect(writeSchema(schema, 'json')).toEqual({ schema: expected, lost });
  });

  test('moves a description beside a reference one level out', () => {
    const schema = { ...props({ a: { $ref: '#/$defs/A', description: 'd' } }), $defs: { A: { type: 'string' } } };
    const { schema: written } = writeSchema(schema, 'json');
    expect(written['properties']).toEqual({ a: { description: 'd', anyOf: [{ $ref: '#/$defs/A' }] } });
  });

  test('cuts a circle after two turns and tells it', () => {
    const node = props({ value: { type: 'string' }, next: { $ref: '#/$defs/Node' } }, { required: ['value', 'next'] });
    const { schema, lost } = writeSchema({ ...node, $defs: { Node: node } }, 'json');
    expect(lost).toEqual(['$ref (recursive)']);
    expect(JSON.stringify(schema)).not.toContain('$ref');
    expect(JSON.stringify(schema).match(/"value"/g)?.length).toBeGreaterThan(2);
  });
});

describe('the OpenAPI form', () => {
  test('knows only the fields of the Schema message', () => {
    const schema = props(
      {
        a: { type: ['string', 'null'], format: 'uuid', title: 'A' },
        b: { anyOf: [{ type: 'integer' }, { type: 'null' }], default: null },
        c: { type: 'array' },
        d: { enum: [1, 2] },
      },
      { additionalProperties: false, $schema: 'x' },
    );
    expect(writeSchema(schema, 'openapi')).toEqual({
      schema: {
        type: 'OBJECT',
        properties: {
          a: { type: 'STRING', nullable: true, title: 'A' },
          b: { type: 'INTEGER', nullable: true, default: null },
          c: { type: 'ARRAY', items: { type: 'STRING' } },
          d: { type: 'NUMBER' },
        },
      },
      lost: ['format uuid', 'items (any)', 'enum (not strings)', 'additionalProperties'],
    });
  });
});

describe('any schema', () => {
  const OPENAPI = new Set(
    'type format title description nullable enum maxItems minItems properties required minProperties maxProperties minLength maxLength pattern example anyOf propertyOrdering default items minimum maximum'.split(
      ' ',
    ),
  );
  const names = ['A', 'B', 'C'];
  const { node } = fc.letrec<{ node: JsonObject }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      fc.constantFrom<JsonObject>(
        { type: 'string' },
        { type: 'integer', exclusiveMinimum: 1 },
        { const: 3 },
        { enum: ['a', null] },
        {},
      ),
      fc.constantFrom(...names).map((name): JsonObject => ({ $ref: `#/$defs/${name}` })),
      fc.constant<JsonObject>({ $ref: '#' }),
      fc.record({
        type: fc.constant('object'),
        properties: fc.dictionary(fc.constantFrom('a', 'b', 'type', '$ref'), tie('node')),
        required: fc.constant(['a']),
      }) as fc.Arbitrary<JsonObject>,
      fc.record({ type: fc.constant('array'), items: tie('node') }) as fc.Arbitrary<JsonObject>,
      fc.record({ anyOf: fc.array(tie('node'), { maxLength: 3 }) }) as fc.Arbitrary<JsonObject>,
      fc.record({ allOf: fc.array(tie('node'), { minLength: 1, maxLength: 2 }) }) as fc.Arbitrary<JsonObject>,
      fc.record({ additionalProperties: tie('node'), not: fc.constant({}) }) as fc.Arbitrary<JsonObject>,
    ),
  }));
  const schema = fc
    .record({ $defs: fc.record({ A: node, B: node, C: node }), root: node })
    .map(({ $defs, root }) => ({ ...root, $defs }) as JsonObject);

  test('is written in the end, within bounds, with the fields of its form alone', () => {
    fc.assert(
      fc.property(schema, (original) => {
        const size = countNodes(original);
        expect(countNodes(writeSchema(original, 'json').schema)).toBeLessThan(20_000 + 40 * size);
        const { schema: written } = writeSchema(original, 'openapi');
        expect(countNodes(written)).toBeLessThan(20_000 + 40 * size);
        expectFields(written);
      }),
      { seed: 7, numRuns: 150 },
    );
  });

  test('that doubles at every step ends as well', () => {
    const $defs: JsonObject = {};
    for (let at = 0; at < 40; at++) {
      $defs[`D${at}`] = props({ a: { $ref: `#/$defs/D${at + 1}` }, b: { $ref: `#/$defs/D${at + 1}` } });
    }
    $defs['D40'] = { $ref: '#/$defs/D0' };
    const { schema: written, lost } = writeSchema({ ...props({ x: { $ref: '#/$defs/D0' } }), $defs }, 'json');
    expect(countNodes(written)).toBeLessThan(20_000);
    expect(lost).toContain('depth');
  });

  function expectFields(written: Json | undefined): void {
    if (typeof written !== 'object' || written === null || Array.isArray(written)) return;
    expect(Object.keys(written).filter((key) => !OPENAPI.has(key))).toEqual([]);
    expect(written['type'] ?? written['anyOf']).toBeDefined();
    for (const inner of Object.values((written['properties'] ?? {}) as JsonObject)) expectFields(inner);
    for (const inner of (written['anyOf'] ?? []) as Json[]) expectFields(inner);
    expectFields(written['items']);
  }
});
