import { expect, test } from 'vitest';
import { ERRORS } from '../../gateway/src/core/errors.ts';
import { openApiDocument } from '../../gateway/src/openapi-document.ts';
import { providerNames } from '../../gateway/src/providers/index.ts';
import { createMetrics } from '../../gateway/src/telemetry/metrics.ts';
import { renderApiPage } from './api-page.ts';
import { renderCliPage } from './cli-page.ts';
import { renderErrorsPage } from './errors-page.ts';
import { renderMetricsPage } from './metrics-page.ts';
import { renderProvidersPage } from './providers-page.ts';

test('every metric that is exposed has its row', async () => {
  const { text } = await createMetrics().expose();
  const exposed = [...text.matchAll(/^# TYPE ((?:llm|xidao)_\w+) (\w+)$/gm)].map(([, name, kind]) => [name!, kind!]);
  const page = renderMetricsPage();
  expect(exposed.length).toBeGreaterThan(10);
  for (const [name, kind] of exposed) expect(page).toContain(`| \`${name}\` | ${kind} |`);
  expect(page).toContain('| `llm_tokens_total` | counter | `model`, `provider`, `token_type` |');
});

test('every error code and every provider has its row', () => {
  const errors = renderErrorsPage();
  for (const [code, { status }] of Object.entries(ERRORS)) expect(errors).toContain(`| \`${code}\` | ${status} |`);
  const providers = renderProvidersPage();
  for (const name of providerNames()) expect(providers).toMatch(new RegExp(`^\\| [^|]+ \\| \`${name}\``, 'm'));
});

test('every command has its section, and pages do not depend on the width of the terminal', async () => {
  const page = await renderCliPage();
  expect([...page.matchAll(/^## (.+)$/gm)].map(([, title]) => title)).toEqual(
    expect.arrayContaining(['xidao', 'xidao serve', 'xidao keys', 'xidao keys create', 'xidao config show']),
  );
  const { isTTY, columns } = process.stdout;
  Object.assign(process.stdout, { isTTY: true, columns: 200 });
  try {
    expect(await renderCliPage()).toBe(page);
  } finally {
    Object.assign(process.stdout, { isTTY, columns });
  }
});

test('every request of the management API has its row, and every document its fields', () => {
  const page = renderApiPage();
  const { paths, components } = openApiDocument() as {
    paths: Record<string, object>;
    components: { schemas: Record<string, { properties: object }> };
  };
  for (const [path, methods] of Object.entries(paths))
    for (const method of Object.keys(methods)) expect(page).toContain(`| \`${method.toUpperCase()} ${path}\` |`);
  for (const [name, { properties }] of Object.entries(components.schemas)) {
    const [, section = ''] = page.split(`### ${name}\n`);
    for (const field of Object.keys(properties)) expect(section, name).toContain(`| \`${field}\``);
  }
  expect(page).not.toMatch(/undefined|\[object/);
});
