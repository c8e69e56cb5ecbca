import { z } from 'zod';
import type { KeptAlert } from '../../core/alert.ts';
import { GatewayError } from '../../core/errors.ts';
import { shownMoment } from '../api/fields.ts';
import { cutPage, pageOfSchema, pageQuery, readCursor } from '../api/page.ts';
import { type Route, route } from '../api/routes.ts';
import type { BudgetView } from './budget-desk.ts';

const delivery = z.strictObject({
  channel: z.string(),
  state: z.enum(['sent', 'failed']),
  attempts: z.int(),
  at: shownMoment(),
  why: z.string().nullable(),
});

const alertDocument = z
  .strictObject({
    id: z.string(),
    kind: z.string(),
    severity: z.enum(['info', 'warning', 'critical']),
    title: z.string(),
    text: z.string(),
    facts: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
    at: shownMoment(),
    channels: z.array(z.string()).describe('Who is told.'),
    deliveries: z.array(delivery).describe('What became of it; a channel that is not here is still being tried.'),
  })
  .meta({ id: 'Alert' });

const trial = z
  .strictObject({ channel: z.string().optional().describe('Absent: each of them.') })
  .meta({ id: 'AlertTrial' });

const chapter = 'Alerts';

/** `/admin/v1/alerts`. */
export function alertRoutes(view: Pick<BudgetView, 'alerts' | 'testAlerts' | 'channels'>): Route[] {
  return [
    route({
      method: 'GET',
      path: '/alerts',
      name: 'listAlerts',
      title: 'List the alerts that were raised, the newest first, and what became of them.',
      chapter,
      query: pageQuery,
      answers: { status: 200, schema: pageOfSchema(alertDocument) },
      async run({ query: { limit, cursor } }) {
        const [atMs, id] = cursor === undefined ? [] : readCursor(cursor);
        const before = atMs === undefined || id === undefined ? {} : { before: { atMs, id } };
        const found = await view.alerts.list({ limit: limit + 1, ...before });
        const page = cutPage(found, limit, (alert) => [alert.atMs, alert.id]);
        return { status: 200, body: { ...page, data: page.data.map(showAlert) } };
      },
    }),
    route({
      method: 'POST',
      path: '/alerts/test',
      name: 'testAlerts',
      title: 'Send a trial by one channel or by each, and say what became of it.',
      chapter,
      body: trial,
      answers: { status: 200, schema: z.strictObject({ data: z.array(delivery) }) },
      async run({ body: { channel } }) {
        const told = await view.testAlerts(channel);
        if (told.length === 0) throw noChannel(channel, view.channels());
        return { status: 200, body: { data: told.map(showDelivery) } };
      },
    }),
  ];
}

function noChannel(channel: string | undefined, known: readonly string[]): GatewayError {
  if (channel === undefined || known.length === 0)
    return new GatewayError(
      'not_found',
      'There are no channels. Write one under alerts.channels in the configuration.',
    );
  return new GatewayError('not_found', `There is no channel "${channel}". There are: ${known.join(', ')}.`);
}

function showAlert({ key: _, atMs, deliveries, channels, facts, ...alert }: KeptAlert): z.output<typeof alertDocument> {
  return {
    ...alert,
    ...{ facts: { ...facts }, at: new Date(atMs).toISOString(), channels: [...channels] },
    deliveries: deliveries.map(showDelivery),
  };
}

function showDelivery({ atMs, why, ...rest }: KeptAlert['deliveries'][number]): z.output<typeof delivery> {
  return { ...rest, at: new Date(atMs).toISOString(), why: why ?? null };
}
