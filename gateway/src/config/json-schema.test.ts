// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the references of configuration look like this.
import Ajv from 'ajv';
import { expect, test } from 'vitest';
import { configJsonSchema, type JsonSchema } from './json-schema.ts';

const validate = new Ajv({ unknownFormats: 'ignore' }).compile(configJsonSchema());

test('refuses in the editor what the gateway refuses at start', () => {
  expect(validate({ providers: { openai: { api_kye: 'x' } } })).toBe(false);
  expect(validate({ server: { port: 'eighty' } })).toBe(false);
  expect(validate({ cache: { backend: 'disk' } })).toBe(false);
  expect(validate({ keys: [{ name: 'a' }] })).toBe(false);
  expect(validate({ server: { drain_timeout: '3 weeks' } })).toBe(false);
});

test('takes what the gateway takes, environment references in the place of any value included', () => {
  const written = {
    $schema: './xidao.schema.json',
    server: { port: '${PORT:-8080}', drain_timeout: '90s' },
    providers: { ollama: null, mock: false, openai: { enabled: '${ON}', timeout: { total: 300 } } },
    cache: { backend: '${BACKEND:-memory}', ttl: '${TTL}' },
  };
  expect(validate(written), JSON.stringify(validate.errors)).toBe(true);
});

test('says of every setting what it means', () => {
  expect([...undescribed(configJsonSchema(), '')]).toEqual([]);
});

function* undescribed(schema: JsonSchema, path: string): Generator<string> {
  for (const [name, inner] of Object.entries((schema['properties'] ?? {}) as Record<string, JsonSchema>)) {
    if (!inner['description']) yield `${path}.${name}`;
    yield* undescribed(inner, `${path}.${name}`);
  }
  const within = [
    schema['items'],
    schema['additionalProperties'],
    ...((schema['anyOf'] as JsonSchema[] | undefined) ?? []),
  ];
  for (const inner of within)
    if (inner && typeof inner === 'object') yield* undescribed(inner as JsonSchema, `${path}.*`);
}
