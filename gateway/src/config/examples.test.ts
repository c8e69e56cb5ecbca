import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { configJsonSchema } from './json-schema.ts';
import { parseConfig } from './load.ts';
import type { Config } from './schema.ts';

const folder = join(import.meta.dirname, 'examples');
// The whole page has unquoted references inside { }, which a formatter of YAML chokes on; hence its `.txt`.
const files = readdirSync(folder);
const env = {
  OPENAI_API_KEY: 'sk-openai',
  ANTHROPIC_API_KEY: 'sk-ant',
  DEEPSEEK_API_KEY: 'sk-deep',
  A: 'key-a',
  B: 'key-b',
  XIDAO_APP_KEY: 'xd-app',
  MCP_API_TOKEN: 'mcp-token',
  XIDAO_API_KEY: 'xd-token',
};
const knownProviders = ['openai', 'anthropic', 'deepseek', 'google'];

const text = (file: string) => readFileSync(join(folder, file), 'utf8');

function read(file: string): Config {
  const { config, problems } = parseConfig({ text: text(file), file, env, knownProviders });
  expect(problems).toEqual([]);
  return config!;
}

describe('every published example', () => {
  test.each(files)('%s is read without a problem', (file) => {
    read(file);
  });

  test.each(files)('%s satisfies the JSON Schema that editors use, references and all', (file) => {
    const validate = new Ajv({ allErrors: true, unknownFormats: 'ignore' }).compile(configJsonSchema());
    validate(parse(withQuotedReferences(text(file))));
    expect(validate.errors).toBeNull();
  });
});

test('the whole page becomes milliseconds, bytes and long forms', () => {
  const config = read('whole.yaml.txt');
  expect(config.server).toMatchObject({ host: '127.0.0.1', port: 8080, body_limit: 33_554_432, drain_timeout: 30_000 });
  expect(config.admin.key).toBe('');
  expect(Object.keys(config.providers)).toEqual(['openai', 'anthropic', 'deepseek', 'two-keys', 'lab']);
  expect(config.providers['openai']).toMatchObject({ api_key: 'sk-openai', priority: 1, weight: 5, enabled: true });
  expect(config.providers['two-keys']?.api_keys).toEqual([
    { key: 'key-a', weight: 3 },
    { key: 'key-b', weight: 1 },
  ]);
  expect(config.providers['lab']).toMatchObject({
    models: [{ id: 'llama-4-scout' }],
    headers: { 'x-team': 'ml' },
    timeout: { connect: 5_000, first_byte: 30_000, idle: 60_000, total: 300_000 },
  });
  expect(config.models['claude-4']?.targets).toEqual([{ provider: 'anthropic', model: 'claude-opus-4', weight: 1 }]);
  expect(config.models['fast']).toMatchObject({ strategy: 'latency', fallback: ['claude-4'] });
  expect(config.cache).toMatchObject({ enabled: true, ttl: 3_600_000 });
  expect(config.circuit_breaker).toEqual({
    mode: 'fixed',
    failure_threshold: 5,
    recovery_timeout: 30_000,
    half_open_max: 3,
  });
});

test('the short forms of observability become the long ones', () => {
  const { observability, cache } = read('gateway.yaml');
  expect(observability.tracing).toMatchObject({ enabled: true, exporter: 'otlp' });
  expect(observability.metrics).toMatchObject({ enabled: true, endpoint: '/metrics' });
  expect(cache).toMatchObject({ enabled: true, backend: 'redis' });
});

test('long observability, experiments and tool servers keep what they say', () => {
  expect(read('logging.yaml').observability.logging).toMatchObject({
    include_request_body: true,
    pii_redaction: { enabled: true, patterns: ['email', 'phone', 'credit_card', 'api_key'] },
    storage: { type: 'elasticsearch', index: 'llm-logs-{yyyy.MM.dd}' },
  });
  expect(read('tracing.yaml').observability.tracing).toMatchObject({ sample_rate: 0.1, propagation: 'w3c' });
  expect(read('ab-tests.yaml').routing.ab_tests[0]?.variants.map(({ weight }) => weight)).toEqual([30, 40, 30]);
  const gateway = read('mcp-gateway.yaml').mcp_gateway;
  expect(gateway.servers[0]?.health_check).toEqual({ interval: 30_000, timeout: 5_000 });
  expect(gateway.servers[1]?.auth?.token).toBe('mcp-token');
  expect(gateway.security.rate_limit).toEqual({ requests_per_minute: 1000 });
  expect(read('mcp-servers.yaml').mcp_servers[0]).toMatchObject({
    url: 'https://mcp.xidao.online/database',
    rate_limit: { requests_per_minute: 60, tokens_per_minute: 100_000 },
  });
});

test('tasks and tiers are lists of models in order, however they are written', () => {
  const { tasks, tiers } = read('routing.yaml').routing;
  expect(tasks['translation']).toMatchObject({ primary: 'deepseek-v4', fallback: ['qwen3-235b'], temperature: 0.3 });
  expect(tasks['simple']).toMatchObject({ primary: 'gemini-2.5-flash', fallback: ['deepseek-v4', 'gpt-5-nano'] });
  expect(tiers['economy']?.models).toEqual(['gpt-5-mini', 'deepseek-v4', 'qwen3-235b']);
});

/** The text as any reader of YAML takes it: outside the gateway, a reference inside { } needs quotes. */
function withQuotedReferences(written: string): string {
  return written.replaceAll(/(^|\s)#.*$/gm, '$1').replaceAll(/"?(\$\{[^}]*\})"?/g, '"$1"');
}
