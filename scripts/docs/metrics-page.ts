import { Counter, Gauge, type Metric, Registry } from 'prom-client';
import { createMetrics } from '../../gateway/src/telemetry/metrics.ts';
import { code, generatedFrom, writeTable } from './table.ts';

/** What prom-client keeps of a metric; its types tell only the name. */
type Registered = { name: string; help: string; labelNames: readonly string[]; upperBounds?: readonly number[] };

/** The reference page of the gateway's own metrics. */
export function renderMetricsPage(): string {
  const own = registeredMetrics().filter(({ name }) => /^(llm|xidao)_/.test(name));
  const rows = own.map((metric) => [
    code(metric.name),
    kindOf(metric),
    metric.labelNames.map(code).join(', '),
    metric.help,
  ]);
  const buckets = own
    .filter(({ upperBounds }) => upperBounds !== undefined)
    .map(({ name, upperBounds }) => `- ${code(name)}: ${upperBounds!.join(', ')}`);
  const table = writeTable(['Name', 'Type', 'Labels', 'Meaning'], rows);
  return `${[introduction, table, labels, '## Buckets of the histograms, in seconds', buckets.join('\n')].join('\n\n')}\n`;
}

const introduction = `# Metrics

${generatedFrom('gateway/src/telemetry/metrics.ts')}

\`GET /metrics\` tells them in the Prometheus text format. Beside them stand those of the process itself (\`process_*\`, \`nodejs_*\`). With
\`observability.metrics.public: false\` they are shown on the admin key only.`;

const labels = `\`model\` and \`provider\` name the target that answered, and are \`unknown\` where none did: a client's free text never makes a time
series. \`status\` is \`success\`, \`error\`, \`timeout\` or \`cancelled\` (the client left). \`error_type\` is a code of [errors.md](errors.md), or the
code of a provider's error. \`token_type\` is \`input\`, \`output\`, \`cached\`, \`cache_write\` or \`reasoning\`.`;

/** Each metric as it is registered: the exposed text would not tell the labels of what was never counted. */
function registeredMetrics(): Registered[] {
  const found: (Metric & Registered)[] = [];
  const { registerMetric } = Registry.prototype;
  Registry.prototype.registerMetric = function (metric) {
    found.push(metric as unknown as Metric & Registered);
    registerMetric.call(this, metric);
  };
  try {
    createMetrics();
  } finally {
    Registry.prototype.registerMetric = registerMetric;
  }
  return found;
}

function kindOf(metric: unknown): string {
  if (metric instanceof Counter) return 'counter';
  if (metric instanceof Gauge) return 'gauge';
  if ((metric as { type?: string }).type === 'histogram') return 'histogram';
  throw new Error('A metric of a kind that the page has no word for.');
}
