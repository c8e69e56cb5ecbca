import { expect, test } from 'vitest';
import { configJsonSchema, type JsonSchema } from './json-schema.ts';
import { checkConfig } from './load.ts';
import { redactConfig } from './redact.ts';

function shown(written: object) {
  const { config, problems } = checkConfig(written, { knownProviders: ['openai'] });
  expect(problems).toEqual([]);
  return redactConfig(config!);
}

test('secrets become stars and everything else stays', () => {
  const config = shown({
    admin: { key: 'S3CRET' },
    providers: {
      openai: {
        api_keys: [{ key: 'S3CRET', weight: 2 }],
        headers: { authorization: 'Bearer S3CRET', 'x-team': 'ml' },
        query: { key: 'S3CRET', 'api-version': '2024-10-21' },
        base_url: 'https://user:S3CRET@host/v1?token=S3CRET&a=1',
      },
    },
    keys: [{ name: 'app', key: 'S3CRET', models: ['gpt-*'] }],
    storage: { url: 'postgres://xidao:S3CRET@db/xidao?sslmode=require' },
    redis: { url: 'redis://:S3CRET@redis:6379' },
    observability: { logging: { storage: { type: 'http', endpoint: 'https://S3CRET@logs/', password: 'S3CRET' } } },
    mcp_servers: [
      {
        name: 'a',
        transport: 'stdio',
        command: 'node',
        args: ['x.js', '--api-key=S3CRET', '--token', 'S3CRET', '--port', '1'],
        env: { GH: 'S3CRET' },
      },
      { name: 'b', transport: 'sse', url: 'https://h', auth: { token: 'S3CRET' } },
    ],
    routing: { rules: [{ match: { key: 'app' }, route_to: 'x' }] },
  });
  expect(JSON.stringify(config)).not.toContain('S3CRET');
  expect(config.providers['openai']).toMatchObject({
    api_keys: [{ key: '***', weight: 2 }],
    headers: { authorization: '***', 'x-team': 'ml' },
    query: { key: '***', 'api-version': '2024-10-21' },
    base_url: 'https://user:***@host/v1?token=***&a=1',
  });
  expect(config.storage.url).toBe('postgres://xidao:***@db/xidao?sslmode=require');
  expect(config.mcp_servers[0]?.args).toEqual(['x.js', '--api-key=***', '--token', '***', '--port', '1']);
  expect(config.routing.rules[0]?.match.key).toEqual(['app']);
  expect(config.keys[0]?.name).toBe('app');
});

test('a secret that is not set is seen to be not set', () => {
  expect(shown({}).admin.key).toBe('');
});

test('every field that the schema calls a secret is masked', () => {
  const names = [...secretFields(configJsonSchema(), '')];
  expect(names).toContain('api_key');
  for (const name of names) expect(redactConfig({ [name]: 'S3CRET' } as object)).toEqual({ [name]: '***' });
});

function* secretFields(schema: unknown, name: string): Generator<string> {
  if (schema === null || typeof schema !== 'object') return;
  const node = schema as JsonSchema;
  if (node['writeOnly'] === true) yield name;
  for (const [key, inner] of Object.entries(node)) {
    yield* secretFields(inner, /^(anyOf|\d+|properties|items|additionalProperties)$/.test(key) ? name : key);
  }
}
