import { z } from 'zod';
import { headerMap, httpUrl, name, secret } from './values.ts';

const piiKinds = ['email', 'phone', 'credit_card', 'api_key', 'iban', 'ssn', 'ip_address', 'id_card'] as const;
const logFormats = ['json', 'pretty'] as const;

const piiSchema = z.strictObject({
  enabled: z
    .boolean()
    .default(true)
    .describe('Whether personal data is taken out of logged bodies; true once the section is there.'),
  patterns: z
    .array(z.enum(piiKinds))
    .default([...piiKinds])
    .describe('What counts as personal data.'),
});

const logStorageSchema = z.strictObject({
  type: z
    .enum(['elasticsearch', 'opensearch', 'clickhouse', 'loki', 'file', 'http'])
    .describe('What takes the log besides standard output.'),
  endpoint: z.string().min(1).optional().describe('Its address, or the file.'),
  index: name().optional().describe('Index or table; `{yyyy.MM.dd}` stands for the day.'),
  username: name().optional().describe('User there.'),
  password: secret().optional().describe('Password there.'),
  api_key: secret().optional().describe('Key there.'),
  headers: headerMap().default({}).describe('Headers added to every request there.'),
});

const loggingFields = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether calls are logged.'),
  format: z.enum(logFormats).default('json').describe('`json`: a line for machines; `pretty`: for people.'),
  level: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .describe('The least that is logged.'),
  include_request_body: z.boolean().default(false).describe('Whether prompts are logged.'),
  include_response_body: z.boolean().default(false).describe('Whether answers are logged.'),
  pii_redaction: piiSchema.prefault({ enabled: false }).describe('Personal data in logged bodies.'),
  storage: logStorageSchema.optional().describe('Where the log goes besides standard output.'),
});

const metricsFields = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether metrics are told.'),
  endpoint: z.string().regex(/^\//, 'a path that begins with /').default('/metrics').describe('Their path.'),
  format: z.enum(['prometheus']).default('prometheus').describe('Their format.'),
  custom_labels: z
    .array(z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'a label of letters, digits and _'))
    .default([])
    .describe('Tags of a call that become labels.'),
  public: z.boolean().default(true).describe('False: only with the admin key, or on `port`.'),
  port: z.int().min(1).max(65_535).optional().describe('A port of its own for metrics.'),
});

const tracingFields = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether traces are told; true once the section is there.'),
  exporter: z.enum(['otlp']).default('otlp').describe('How they are told.'),
  endpoint: httpUrl().optional().describe("The collector's address."),
  sample_rate: z.number().min(0).max(1).default(1).describe('Share of the calls that are traced.'),
  propagation: z.enum(['w3c', 'none']).default('w3c').describe('The headers that carry the trace.'),
  service_name: name().default('xidao-gateway').describe('What the gateway is called in traces.'),
  headers: headerMap().default({}).describe('Headers added to every request to the collector.'),
});

/** Each part is a section, or for short `true`, `false` or its format. */
const loggingSchema = z.union([z.boolean(), z.enum(logFormats), loggingFields]).transform((written) => {
  if (typeof written === 'boolean') return loggingFields.parse({ enabled: written });
  return typeof written === 'string' ? loggingFields.parse({ format: written }) : written;
});

const metricsSchema = z.union([z.boolean(), z.enum(['prometheus']), metricsFields]).transform((written) => {
  if (typeof written === 'boolean') return metricsFields.parse({ enabled: written });
  return typeof written === 'string' ? metricsFields.parse({ format: written }) : written;
});

const tracingSchema = z.union([z.boolean(), z.enum(['otlp']), tracingFields]).transform((written) => {
  if (typeof written === 'boolean') return tracingFields.parse({ enabled: written });
  return typeof written === 'string' ? tracingFields.parse({ exporter: written }) : written;
});

export const observabilitySchema = z.strictObject({
  logging: loggingSchema.prefault({}).describe('The log. For short: `json`, `pretty`, `true` or `false`.'),
  metrics: metricsSchema.prefault({}).describe('Metrics. For short: `prometheus`, `true` or `false`.'),
  tracing: tracingSchema.prefault(false).describe('Traces. For short: `otlp`, `true` or `false`.'),
});
