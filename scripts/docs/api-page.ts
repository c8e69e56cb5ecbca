import { openApiDocument } from '../../gateway/src/openapi-document.ts';
import { code, generatedFrom, writeTable } from './table.ts';

interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  title?: string;
  description?: string;
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
}

interface Operation {
  summary: string;
  tags: string[];
  parameters?: { name: string; in: string; schema: Schema; description?: string }[];
  requestBody?: { content: { 'application/json': { schema: Schema } } };
  responses: Record<string, { content: { 'application/json': { schema: Schema } } }>;
}

interface Document {
  tags: { name: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

/** The reference page of the management API, from its OpenAPI document. */
export function renderApiPage(): string {
  const { tags, paths, components } = openApiDocument() as unknown as Document;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const chapters = tags.map(({ name }) => {
    const rows = operations
      .filter(({ operation }) => operation.tags.includes(name))
      .map(({ path, method, operation }) => [
        code(`${method} ${path}`),
        operation.summary,
        asked(operation),
        answered(operation),
      ]);
    return `## ${name}\n\n${writeTable(['Request', 'What it does', 'Takes', 'Answers'], rows)}`;
  });
  const schemas = Object.entries(components.schemas).map(renderSchema);
  return `${[introduction, ...chapters, '## Documents', ...schemas].join('\n\n')}\n`;
}

const introduction = `# Management API

${generatedFrom('gateway/src/admin')} The same as OpenAPI 3.1: \`GET /openapi.json\` of a gateway that runs, or \`xidao openapi\`.

Everything stands beneath \`/admin/v1\` and takes the admin key, or a key of the scope \`management\` (everything) or \`read-only\` (\`GET\` alone), as
\`Authorization: Bearer\` or \`x-api-key\`. Lists come in pages: \`limit\` (100, at most 1,000), and \`next_cursor\` of one page as \`cursor\` of the next. A \`POST\` with an
\`Idempotency-Key\` is done once and answered alike for 24 hours. In a \`PATCH\`, \`null\` takes a field away. All faults of a request are told at once; \`409\` says that a name is taken or that
something has changed meanwhile. Every change stands in the audit, with who made it, and before and after.`;

function asked({ parameters = [], requestBody }: Operation): string {
  const query = parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => code(name));
  const body = requestBody === undefined ? [] : [typeOf(requestBody.content['application/json'].schema)];
  return [...body, ...query].join(', ');
}

function answered({ responses }: Operation): string {
  const [status, { content }] = Object.entries(responses)[0]!;
  const { properties = {}, ...schema } = content['application/json'].schema;
  const entries = properties['data']?.items;
  return `${status} ${entries === undefined ? typeOf({ ...schema, properties }) : `page of ${typeOf(entries)}`}`;
}

function renderSchema([name, schema]: [string, Schema]): string {
  const required = new Set(schema.required);
  const rows = Object.entries(schema.properties ?? {}).map(([field, inner]) => [
    code(field) + (required.has(field) ? '' : ' (optional)'),
    typeOf(inner),
    inner.description ?? '',
  ]);
  const about = schema.description === undefined ? [] : [schema.description];
  return [`### ${name}`, ...about, writeTable(['Field', 'Type', 'Meaning'], rows)].join('\n\n');
}

function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1)!;
    return `[${name}](#${name.toLowerCase()})`;
  }
  if (schema.title !== undefined) return schema.title;
  if (schema.enum !== undefined) return schema.enum.map((word) => code(String(word))).join(', ');
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(typeOf))].join(' or ');
  if (schema.type === 'array') return `list of ${typeOf(schema.items ?? {})}`;
  if (schema.type === 'object' && typeof schema.additionalProperties === 'object' && schema.properties === undefined) {
    return `map of ${typeOf(schema.additionalProperties)}`;
  }
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ type })).join(' or ');
  return WORDS[schema.type ?? ''] ?? 'any';
}

const WORDS: Record<string, string> = {
  string: 'text',
  integer: 'whole number',
  boolean: 'true or false',
  null: 'null',
  object: 'object',
};
