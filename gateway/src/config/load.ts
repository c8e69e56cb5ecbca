import type { Environment } from './environment.ts';
import { checkNames, type KnownNames } from './problems/check-names.ts';
import { explainIssues, type Finding } from './problems/explain-issues.ts';
import { knownKeys } from './problems/known-keys.ts';
import { formatPath, formatProblems, type Path, type Problem, pathKey } from './problems/problem.ts';
import { type Mark, readDocument } from './reading/yaml-document.ts';
import { type Config, configSchema } from './schema.ts';

export { formatPath, formatProblems, type Problem };

/** Where a setting was written. What has none is a default. */
export interface Source {
  line: number;
  column: number;
  /** The environment variables it was taken from. */
  variables: string[];
}

export interface ParsedConfig {
  /** Absent if there is any problem. */
  config?: Config;
  /** All of them, in the order of the file. */
  problems: Problem[];
  /** By path as `formatPath` writes it. */
  sources: Map<string, Source>;
}

export interface ParseConfigOptions extends Partial<KnownNames> {
  text: string;
  /** Tells JSON (with comments) from YAML by its ending. */
  file?: string;
  env: Environment;
}

/** Reads a configuration file's text; finds every problem at once. */
export function parseConfig({ text, file, env, ...known }: ParseConfigOptions): ParsedConfig {
  const { value, marks, problems } = readDocument({ text, env, json: /\.jsonc?$/i.test(file ?? '') });
  const sources = sourcesOf(marks);
  if (value === undefined) return { problems, sources };
  const checked = checkConfig(value, known, marks);
  const all = [...problems, ...withoutEchoes(checked.problems, problems)].sort(inFileOrder);
  return all.length > 0 ? { problems: all, sources } : { config: checked.config!, problems: [], sources };
}

/** Checks a configuration given as an object, as the library takes it. The object stays as it is. */
export function checkConfig(
  written: unknown,
  { knownProviders = [], environmentProviders = [], knownModels = [] }: Partial<KnownNames>,
  marks: ReadonlyMap<string, Mark> = new Map(),
): { config?: Config; problems: Problem[] } {
  const value = withoutEmptySettings(written, []);
  const { config, findings } = validate(value, marks);
  const names = checkNames(value, { knownProviders, environmentProviders, knownModels });
  const problems = [...findings, ...withoutEchoes(names, findings)].map((found) => placed(found, marks));
  return config !== undefined && problems.length === 0 ? { config, problems } : { problems };
}

function validate(value: unknown, marks: ReadonlyMap<string, Mark>): { config?: Config; findings: Finding[] } {
  const first = configSchema.safeParse(value);
  if (first.success) return { config: first.data, findings: [] };
  const findings = explainIssues(first.error.issues, value, configSchema);
  const plain = findings.filter(({ path }) => marks.get(pathKey(path))?.whole);
  const reread = plain.filter(({ path }) => readAsScalar(value, path));
  if (reread.length === 0) return { findings };
  // A variable's value is text until the schema wants something else there: so a key of digits stays text, and a port is a number.
  const second = configSchema.safeParse(value);
  return second.success
    ? { config: second.data, findings: [] }
    : { findings: explainIssues(second.error.issues, value, configSchema) };
}

/** Puts the number or true/false that the text at `path` means in its place. False: it means neither. */
function readAsScalar(value: unknown, path: Path): boolean {
  const parent = path.slice(0, -1).reduce((inner: unknown, step) => (inner as Record<string, unknown>)[step], value);
  const key = path.at(-1);
  if (key === undefined || parent === null || typeof parent !== 'object') return false;
  const holder = parent as Record<string, unknown>;
  const text = holder[key];
  if (typeof text !== 'string') return false;
  if (/^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/i.test(text)) holder[key] = Number(text);
  else if (/^(true|false)$/i.test(text)) holder[key] = text.toLowerCase() === 'true';
  else if (text === '' && !Array.isArray(parent)) delete holder[key];
  else return false;
  return true;
}

/** A copy in which a known setting with nothing after its colon is as if the line were not there. */
function withoutEmptySettings(value: unknown, path: Path): unknown {
  if (Array.isArray(value)) return value.map((entry, index) => withoutEmptySettings(entry, [...path, index]));
  if (value === null || typeof value !== 'object') return value;
  const known = new Set(knownKeys(configSchema, path));
  const kept = Object.entries(value).filter(
    ([key, entry]) => entry !== undefined && (entry !== null || !known.has(key)),
  );
  return Object.fromEntries(kept.map(([key, entry]) => [key, withoutEmptySettings(entry, [...path, key])]));
}

/** Those that do not merely repeat what is said already of the same place or of what it lies in. */
function withoutEchoes<Some extends Problem>(problems: readonly Some[], said: readonly Problem[]): Some[] {
  const places = new Set(said.filter(({ path }) => path.length > 0).map(({ path }) => pathKey(path)));
  return problems.filter(({ path }) => !path.some((_, depth) => places.has(pathKey(path.slice(0, depth + 1)))));
}

function placed(
  { path, message, suggestion, ...rest }: Problem & Partial<Finding>,
  marks: ReadonlyMap<string, Mark>,
): Problem {
  const own = marks.get(pathKey(rest.writtenAt ?? path));
  const at = (rest.about === 'key' && own?.key) || own || nearestAbove(path, marks);
  return {
    path,
    ...(at && { line: at.line, column: at.column }),
    message,
    ...(suggestion !== undefined && { suggestion }),
  };
}

/** The place of what something missing should be in: its key, where it has one. */
function nearestAbove(path: Path, marks: ReadonlyMap<string, Mark>): { line: number; column: number } | undefined {
  for (let length = path.length - 1; length >= 0; length -= 1) {
    const mark = marks.get(pathKey(path.slice(0, length)));
    if (mark) return mark.key ?? mark;
  }
  return undefined;
}

function inFileOrder(a: Problem, b: Problem): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

function sourcesOf(marks: ReadonlyMap<string, Mark>): Map<string, Source> {
  const written = [...marks.values()].filter(({ path }) => path.length > 0);
  return new Map(written.map(({ path, line, column, variables }) => [formatPath(path), { line, column, variables }]));
}
