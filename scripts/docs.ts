// `npm run docs`: writes the reference pages under docs/reference from the code. With `--check` it writes nothing, names the pages
// that differ from what the code says, and fails.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { configJsonSchema } from '../gateway/src/config/json-schema.ts';
import { renderConfigReference } from '../gateway/src/config/reference.ts';
import { openApiDocument } from '../gateway/src/openapi-document.ts';
import { renderApiPage } from './docs/api-page.ts';
import { renderCliPage } from './docs/cli-page.ts';
import { renderErrorsPage } from './docs/errors-page.ts';
import { renderMetricsPage } from './docs/metrics-page.ts';
import { renderProvidersPage } from './docs/providers-page.ts';

const FOLDER = path.resolve(import.meta.dirname, '../docs/reference');

const pages: Record<string, string> = {
  'api.md': renderApiPage(),
  'cli.md': await renderCliPage(),
  'config.md': renderConfigReference(),
  'errors.md': renderErrorsPage(),
  'metrics.md': renderMetricsPage(),
  'openapi.json': `${JSON.stringify(openApiDocument(), null, 2)}\n`,
  'providers.md': renderProvidersPage(),
  'xidao.schema.json': `${JSON.stringify(configJsonSchema(), null, 2)}\n`,
};

const stale = Object.entries(pages).filter(([name, text]) => textOf(name) !== text);

if (!process.argv.includes('--check')) {
  mkdirSync(FOLDER, { recursive: true });
  for (const [name, text] of stale) writeFileSync(path.join(FOLDER, name), text);
  console.log(stale.length === 0 ? 'Nothing has changed.' : `Written: ${stale.map(([name]) => name).join(', ')}`);
} else if (stale.length > 0) {
  for (const [name] of stale)
    console.log(`docs/reference/${name} is not what the code says; \`npm run docs\` writes it.`);
  process.exitCode = 1;
}

function textOf(name: string): string | undefined {
  try {
    return readFileSync(path.join(FOLDER, name), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
