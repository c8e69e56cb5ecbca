import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { defaultConfig } from './defaults.ts';
import { parseConfig } from './load.ts';
import { listPending } from './pending.ts';

function pendingOf(text: string): string[] {
  const env = { MCP_API_TOKEN: 't' };
  const { config, problems } = parseConfig({ text, env, knownProviders: ['openai', 'anthropic', 'deepseek'] });
  expect(problems).toEqual([]);
  return listPending(config!).map(({ path }) => path);
}

test('a gateway without configuration waits for nothing', () => {
  expect(listPending(defaultConfig())).toEqual([]);
  expect(
    pendingOf('routing: {}\nobservability: {}\nmcp_gateway: {}\ncache: { enabled: false }\nredis: { url: "" }'),
  ).toEqual([]);
});

test('each configured part without effect is named once, by its path', () => {
  const text = readFileSync(join(import.meta.dirname, 'examples', 'gateway.yaml'), 'utf8');
  expect(pendingOf(text)).toEqual(['cache', 'observability.tracing']);
  expect(pendingOf('storage: { url: "postgres://u@h/db" }\nredis: { url: "redis://h" }')).toEqual([]);
});
