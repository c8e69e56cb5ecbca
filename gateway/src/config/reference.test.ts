import { expect, test } from 'vitest';
import { renderConfigReference } from './reference.ts';
import { configSchema } from './schema.ts';

const page = renderConfigReference();

test('has a heading for every section of the configuration', () => {
  const sections = Object.keys(configSchema.shape).filter((name) => name !== '$schema');
  expect([...page.matchAll(/^## (.+)$/gm)].map(([, name]) => name)).toEqual(sections);
});

test('tells path, type, default and meaning', () => {
  expect(page).toContain('| `server.drain_timeout` | duration | `30s` |');
  expect(page).toContain('| `keys[].name` | text | *required* |');
  expect(page).toContain('| `providers.<name>.api_keys[].weight` | number | `1` |');
  expect(page).toContain('| `cache.backend` | `memory`, `redis` | `memory` |');
});

test('has four cells in every row', () => {
  for (const row of page.split('\n').filter((line) => line.startsWith('|'))) {
    expect(row.replaceAll('\\|', '').split('|'), row).toHaveLength(6);
  }
});
