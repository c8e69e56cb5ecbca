import { z } from 'zod';
import type { JsonSchema } from './json-schema.ts';
import { configSchema } from './schema.ts';

interface Row {
  path: string;
  type: string;
  fallback: string;
  meaning: string;
}

/** The reference page of the configuration, in Markdown: each setting's path, type, default and meaning. */
export function renderConfigReference(): string {
  const schema = z.toJSONSchema(configSchema, { io: 'input', target: 'draft-7' }) as JsonSchema;
  const sections = Object.entries(propertiesOf(schema)).filter(([name]) => name !== '$schema');
  return `${[introduction, ...sections.map(([name, section]) => renderSection(name, section))].join('\n\n')}\n`;
}

const introduction = `# Configuration

What \`xidao.yaml\` may say. Every setting may be left out, unless it is marked as required. Durations are seconds as numbers, or such as
\`250ms\`, \`30s\`, \`5m\`, \`24h\`, \`7d\`; sizes are bytes as numbers, or such as \`512kb\`, \`32mb\`. \`\${VAR}\` takes the value of an environment
variable, \`\${VAR:-default}\` has something to fall back on, \`$\${\` is a plain \`\${\`. An unknown key is an error.`;

function renderSection(name: string, section: JsonSchema): string {
  const rows = rowsOf(section, name).map(
    ({ path, type, fallback, meaning }) => `| \`${path}\` | ${type} | ${fallback} | ${meaning} |`,
  );
  const table = ['| Setting | Type | Default | Meaning |', '| --- | --- | --- | --- |', ...rows];
  return [`## ${name}`, meaningOf(section), table.join('\n')].filter((part) => part !== '').join('\n\n');
}

/** The settings under a section, each followed by what lies within. */
function rowsOf(schema: JsonSchema, path: string): Row[] {
  const required = new Set((schema['required'] as string[] | undefined) ?? []);
  const named = Object.entries(propertiesOf(schema)).flatMap(([name, inner]) => [
    rowOf(inner, `${path}.${name}`, required.has(name)),
    ...rowsOf(inner, `${path}.${name}`),
  ]);
  return [...named, ...rowsOfEntries(schema, path), ...alternativesOf(schema).flatMap((inner) => rowsOf(inner, path))];
}

function rowsOfEntries(schema: JsonSchema, path: string): Row[] {
  const item = schema['items'] as JsonSchema | undefined;
  if (item !== undefined) return rowsOf(item, `${path}[]`);
  const entry = schema['additionalProperties'] as JsonSchema | false | undefined;
  if (!entry || Object.keys(entry).length === 0) return [];
  const within = rowsOf(entry, `${path}.<name>`);
  return within.length > 0 ? within : [];
}

function rowOf(schema: JsonSchema, path: string, isRequired: boolean): Row {
  return {
    path,
    type: escapeCell(typeOf(schema)),
    fallback: isRequired ? '*required*' : defaultOf(schema),
    meaning: escapeCell(meaningOf(schema)),
  };
}

function typeOf(schema: JsonSchema): string {
  if (typeof schema['title'] === 'string') return schema['title'];
  if (Array.isArray(schema['enum'])) return schema['enum'].map((choice) => `\`${choice}\``).join(', ');
  if (schema['const'] !== undefined) return `\`${String(schema['const'])}\``;
  const alternatives = alternativesOf(schema);
  if (alternatives.length > 0) return [...new Set(alternatives.map(typeOf))].join(' or ');
  const { type } = schema;
  if (Array.isArray(type)) return type.map((one) => words[one] ?? one).join(' or ');
  if (type === 'array') return `list of ${typeOf(schema['items'] as JsonSchema)}`;
  if (type === 'object' && schema['additionalProperties'] && Object.keys(propertiesOf(schema)).length === 0) {
    return `map of ${typeOf(schema['additionalProperties'] as JsonSchema)}`;
  }
  return words[String(type)] ?? 'any';
}

const words: Partial<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  object: 'section',
  null: 'nothing',
};

function defaultOf(schema: JsonSchema): string {
  const fallback = schema['default'];
  if (fallback === undefined || fallback === '') return '';
  if (typeof fallback === 'object')
    return Object.keys(fallback as object).length === 0 ? '' : code(JSON.stringify(fallback));
  return code(String(fallback));
}

function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``;
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

function meaningOf(schema: JsonSchema): string {
  return typeof schema['description'] === 'string' ? schema['description'] : '';
}

function propertiesOf(schema: JsonSchema): Record<string, JsonSchema> {
  return (schema['properties'] as Record<string, JsonSchema> | undefined) ?? {};
}

function alternativesOf(schema: JsonSchema): JsonSchema[] {
  return ((schema['anyOf'] ?? schema['oneOf']) as JsonSchema[] | undefined) ?? [];
}
