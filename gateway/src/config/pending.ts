import { isDeepStrictEqual } from 'node:util';
import { defaultConfig } from './defaults.ts';
import { formatPath, type Path } from './problems/problem.ts';
import type { Config } from './schema.ts';

export interface Pending {
  /** The path of what is configured; `*` stands for several. */
  path: string;
  /** What has no effect yet, for people. */
  feature: string;
}

interface Entry {
  path: Path;
  feature: string;
  /** Which values ask for the feature. Absent: every value but the default one. */
  when?: (value: unknown) => boolean;
}

const isOn = (section: unknown) => (section as { enabled?: boolean }).enabled === true;
const isTrue = (value: unknown) => value === true;

/** What is checked but has no effect yet. An entry leaves the table when its feature arrives. */
const pending: readonly Entry[] = [
  {
    path: ['observability', 'logging', 'format'],
    feature: 'a log for people',
    when: (format) => format === 'pretty',
  },
  { path: ['cache'], feature: 'the cache', when: isOn },
  { path: ['observability', 'logging', 'include_request_body'], feature: 'bodies in the log', when: isTrue },
  { path: ['observability', 'logging', 'include_response_body'], feature: 'bodies in the log', when: isTrue },
  { path: ['observability', 'logging', 'pii_redaction'], feature: 'redaction of personal data in the log', when: isOn },
  { path: ['observability', 'logging', 'storage'], feature: 'storage of the log' },
  { path: ['observability', 'metrics', 'custom_labels'], feature: 'labels of your own' },
  { path: ['observability', 'metrics', 'port'], feature: 'a port of its own for metrics' },
  { path: ['observability', 'tracing'], feature: 'tracing', when: isOn },
  { path: ['mcp_gateway'], feature: 'tool servers' },
  { path: ['mcp_servers'], feature: 'tool servers' },
];

/** The configured parts that have no effect yet, so that nobody relies on them in silence. */
export function listPending(config: Config): Pending[] {
  const defaults = defaultConfig();
  return pending.flatMap(({ path, feature, when }) => {
    const asks = when ?? ((value: unknown) => !isDeepStrictEqual(value, valuesAt(defaults, path)[0]?.value));
    const asking = valuesAt(config, path).filter(({ value }) => value !== undefined && asks(value));
    if (asking.length === 0) return [];
    return [{ path: asking.length === 1 ? formatPath(asking[0]!.path) : path.join('.'), feature }];
  });
}

function valuesAt(value: unknown, path: Path): { path: Path; value: unknown }[] {
  let found: { path: Path; value: unknown }[] = [{ path: [], value }];
  for (const step of path) {
    found = found.flatMap((outer) =>
      stepInto(outer.value, step).map(([key, inner]) => ({ path: [...outer.path, key], value: inner })),
    );
  }
  return found;
}

function stepInto(value: unknown, step: string | number): [string | number, unknown][] {
  if (value === null || typeof value !== 'object') return [];
  if (step !== '*') return [[step, (value as Record<string, unknown>)[step]]];
  return Array.isArray(value) ? [...value.entries()] : Object.entries(value);
}
