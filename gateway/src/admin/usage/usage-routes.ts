import { z } from 'zod';
import { type ReportShape, reportCsv, reportJson, savingsJson } from '../../usage/report-table.ts';
import type { Answer } from '../api/answer.ts';
import { shownMoment } from '../api/fields.ts';
import { type Route, route } from '../api/routes.ts';
import { callRoutes } from './call-routes.ts';
import { type Period, readPeriod } from './read-period.ts';
import { filterQuery, readFilter, reportQuery } from './read-query.ts';
import { reconcileRoutes } from './reconcile-routes.ts';
import type { UsageView } from './usage-view.ts';

const dollars = () => z.string().nullable().describe('US dollars, exact. Null: no price is known of what was used.');
const count = () => z.int();
const mean = () => z.number().nullable().describe('Milliseconds. Null: there were none.');

const usageSums = {
  calls: count(),
  errors: count(),
  attempts: count(),
  cached_calls: count(),
  input_tokens: count(),
  cached_input_tokens: count().describe('Part of `input_tokens`.'),
  cache_write_tokens: count().describe('Part of `input_tokens`.'),
  output_tokens: count(),
  reasoning_tokens: count().describe('Part of `output_tokens`.'),
  estimated_attempts: count().describe('Their usage was not told by the provider.'),
  mean_duration_ms: mean(),
  mean_first_byte_ms: mean(),
};

const costSums = {
  cost_usd: dollars(),
  unseen_cost_usd: z.string().describe('Part of `cost_usd`: of attempts that no client saw.'),
  calls: count(),
  unpriced_attempts: count().describe('Their cost is not in `cost_usd`, as no price is known.'),
  estimated_attempts: count(),
  input_tokens: count(),
  output_tokens: count(),
};

const report = (sums: z.core.$ZodLooseShape) =>
  z.strictObject({
    from: shownMoment(),
    to: shownMoment(),
    by: z.array(z.string()),
    each: z.enum(['hour', 'day']).nullable(),
    time_zone: z.literal('UTC').describe('In which days begin.'),
    rows: z
      .array(z.looseObject(sums))
      .describe(
        'With the value of each dimension under its name, null where calls have none; `key_name`; `starts_at`.',
      ),
    total: z.strictObject(sums).describe('Over everything, also what is beyond the limit.'),
    truncated: z.boolean().describe('Whether there are more rows than the limit.'),
  });

const usageReport = report(usageSums).meta({ id: 'UsageReport' });
const costReport = report(costSums).meta({ id: 'CostReport' });

const savingsReport = z
  .strictObject({
    from: shownMoment(),
    to: shownMoment(),
    data: z
      .array(
        z.strictObject({
          by: z.enum(['cache', 'routing', 'prompt-cache']),
          saved_usd: z.string().describe('Negative: it cost more than it saved.'),
          calls: count().describe('Those that the figure rests on.'),
          formula: z.string(),
        }),
      )
      .describe('Each line stands alone. They are not to be summed: one call can stand in several.'),
  })
  .meta({ id: 'SavingsReport' });

const chapter = 'Usage and costs';

/** `/admin/v1/usage`, `/costs`, `/savings`, `/calls` and `/reconcile`. */
export function usageRoutes(view: UsageView): Route[] {
  const answer = async (query: z.output<typeof reportQuery>, kind: ReportShape['kind']): Promise<Answer> => {
    const period = readPeriod(query, view.nowMs());
    const { by, each, limit, format } = query;
    const found = await view.store.report({
      ...period,
      by,
      limit,
      filter: readFilter(query, view.idsOfKey),
      ...(each !== undefined && { each }),
    });
    const shape: ReportShape = { by, kind };
    if (format === 'csv') return csvOf(reportCsv(found, shape), { kind, ...period });
    const asked = { ...shown(period), by, each: each ?? null, time_zone: 'UTC' };
    return { status: 200, body: { ...asked, ...reportJson(found, shape) } };
  };

  return [
    route({
      method: 'GET',
      path: '/usage',
      name: 'getUsage',
      title: 'Calls, tokens and times, by up to two dimensions.',
      chapter,
      query: reportQuery,
      answers: { status: 200, schema: usageReport, alsoCsv: true },
      run: ({ query }) => answer(query, 'usage'),
    }),
    route({
      method: 'GET',
      path: '/costs',
      name: 'getCosts',
      title: 'What calls cost, by up to two dimensions, the dearest first.',
      chapter,
      query: reportQuery,
      answers: { status: 200, schema: costReport, alsoCsv: true },
      run: ({ query }) => answer(query, 'costs'),
    }),
    route({
      method: 'GET',
      path: '/savings',
      name: 'getSavings',
      title: 'What was not spent, and how that is reckoned.',
      chapter,
      query: filterQuery,
      answers: { status: 200, schema: savingsReport },
      async run({ query }) {
        const period = readPeriod(query, view.nowMs());
        const lines = await view.store.savings({ ...period, filter: readFilter(query, view.idsOfKey) });
        return { status: 200, body: { ...shown(period), data: savingsJson(lines) } };
      },
    }),
    ...callRoutes(view, chapter),
    ...reconcileRoutes(view, chapter),
  ];
}

function csvOf(text: string, { kind, fromMs, toMs }: Period & Pick<ReportShape, 'kind'>): Answer {
  const [from, to] = [fromMs, toMs].map((ms) => new Date(ms).toISOString().slice(0, 10));
  return {
    status: 200,
    body: text,
    headers: {
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': `attachment; filename="xidao-${kind}-${from}-${to}.csv"`,
    },
  };
}

function shown({ fromMs, toMs }: Period): { from: string; to: string } {
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
}
