import { configJsonSchema } from '../config/json-schema.ts';
import { formatPath, formatProblems, type Source } from '../config/load.ts';
import { listPending } from '../config/pending.ts';
import { redactConfig } from '../config/redact.ts';
import { CommandFailure, EXIT } from './failure.ts';
import { findConfig, requireConfig } from './load-config.ts';
import type { Terminal } from './terminal.ts';

interface Options {
  config?: string;
  json?: boolean;
}

/** Says whether the configuration is right, and everything that is not. */
export async function validateConfig(options: Options, terminal: Terminal): Promise<void> {
  const { config, problems, file } = await findConfig(options.config, terminal);
  const pending = config === undefined ? [] : listPending(config);
  if (options.json) {
    const told = problems.map(({ path, ...rest }) => ({ path: formatPath(path), ...rest }));
    const document = { valid: config !== undefined, file: file ?? null, problems: told, without_effect: pending };
    terminal.out(JSON.stringify(document, null, 2));
  }
  if (config === undefined) throw new CommandFailure(formatProblems(problems, file), EXIT.usage);
  for (const { path, feature } of pending) terminal.err(`${path} is read but has no effect yet (${feature}).`);
  terminal.err(file === undefined ? 'There is no configuration file; the defaults hold.' : `${file} is valid.`);
}

/** What the file says, or with `effective` all that holds; secrets masked. */
export async function showConfig(options: Options & { effective?: boolean }, terminal: Terminal): Promise<void> {
  const { config, file, sources } = await requireConfig(options.config, terminal);
  const redacted = redactConfig(config);
  const shown = options.effective ? redacted : (writtenPart(redacted, [], sources) ?? {});
  if (options.json) return terminal.out(JSON.stringify(shown, null, 2));
  const where = file === undefined ? 'There is no configuration file; the defaults hold.' : `${file}:`;
  terminal.err(`${where} (secrets masked; durations in milliseconds, sizes in bytes)`);
  const { stringify } = await import('yaml');
  terminal.out(stringify(shown).trimEnd());
}

export function printSchema(terminal: Terminal): void {
  terminal.out(JSON.stringify(configJsonSchema(), null, 2));
}

/** What of a configuration is written in the file: a short form as what it stands for, without the defaults around it. */
function writtenPart(value: unknown, path: (string | number)[], sources: ReadonlyMap<string, Source>): unknown {
  if (value === null || typeof value !== 'object') return isWritten(path, sources) ? value : undefined;
  const children = Object.entries(value).map(([key, inner]) => {
    const step = Array.isArray(value) ? Number(key) : key;
    return [key, writtenPart(inner, [...path, step], sources)] as const;
  });
  const kept = children.filter(([, inner]) => inner !== undefined);
  if (kept.length === 0) return isWritten(path, sources) ? value : undefined;
  return Array.isArray(value) ? kept.map(([, inner]) => inner) : Object.fromEntries(kept);
}

function isWritten(path: (string | number)[], sources: ReadonlyMap<string, Source>): boolean {
  return sources.has(formatPath(path));
}
