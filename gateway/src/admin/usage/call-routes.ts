import { z } from 'zod';
import { GatewayError } from '../../core/errors.ts';
import { PICO_PER_DOLLAR } from '../../core/money.ts';
import type { CallSearch } from '../../usage/usage-store.ts';
import { pageOfSchema } from '../api/page.ts';
import { type Route, route } from '../api/routes.ts';
import { callDocument, callSummary, showCall, showDetail } from './call-document.ts';
import { readPeriod } from './read-period.ts';
import { periodQuery, readTags } from './read-query.ts';
import type { UsageView } from './usage-view.ts';

const word = (what: string) => z.string().min(1).optional().describe(what);

const callsQuery = periodQuery.extend({
  key: word('Id or name of the key.'),
  organisation: word('The organisation.'),
  team: word('The team.'),
  project: word('The project.'),
  user: word('The user.'),
  model_asked: word('The model as the client named it.'),
  model: word("The model that answered, by its provider's name for it."),
  provider: word('The provider that answered.'),
  variant: word('The variant (`test/model`) of an A/B test.'),
  session: word('The session.'),
  trace_id: word('The trace, 32 hexadecimal digits.'),
  outcome: z.enum(['complete', 'client-left', 'broken-off', 'refused', 'failed']).optional(),
  status: z.coerce.number('an HTTP status').int('an HTTP status').optional().describe('What the client was told.'),
  error: word('The code of the error.'),
  operation: word('`chat`, `embeddings` …'),
  cache: word('`hit`, `semantic`, `miss` …'),
  guard: word('What the guardrails said.'),
  tag: word('Tags: `name=value`, several with commas between them, of which all must agree.'),
  id: word('Part of the id.'),
  min_cost_usd: z
    .string()
    .regex(/^\d{1,9}(\.\d{1,12})?$/, 'dollars such as 0.05')
    .optional()
    .describe('Calls that cost at least this.'),
  min_duration_ms: z.coerce.number('milliseconds').nonnegative().optional().describe('Calls that took at least this.'),
  cursor: z
    .string()
    .regex(/^\d{1,16}\..+$/, '`next_cursor` of the page before, as it was given')
    .optional()
    .describe('`next_cursor` of the page before.'),
  limit: z.coerce
    .number('a whole number')
    .int('a whole number')
    .min(1)
    .max(1_000)
    .default(50)
    .describe('Most calls that are given; never more than 500.'),
});

const bodiesDocument = z
  .strictObject({
    id: z.string(),
    request: z.string().nullable().describe('What was asked, redacted; the first 256 KB.'),
    response: z.string().nullable().describe('What was answered, redacted; the first 256 KB.'),
  })
  .meta({ id: 'CallBodies' });

/** `/admin/v1/calls`: the log of calls. */
export function callRoutes(view: UsageView, chapter: string): Route[] {
  return [
    route({
      method: 'GET',
      path: '/calls',
      name: 'searchCalls',
      title: 'Search the log of calls, the newest first.',
      chapter,
      query: callsQuery,
      answers: { status: 200, schema: pageOfSchema(callSummary) },
      async run({ query }) {
        const { calls, next } = await view.store.searchCalls(readSearch(query, view));
        const body = { data: calls.map(showCall), has_more: next !== undefined };
        return { status: 200, body: { ...body, ...(next !== undefined && { next_cursor: next }) } };
      },
    }),
    route({
      method: 'GET',
      path: '/calls/{id}',
      idIs: 'The id of the call, as the client was told it in `x-request-id`.',
      name: 'getCall',
      title: 'One call with its attempts and what the ledger holds of it.',
      chapter,
      answers: { status: 200, schema: callDocument },
      async run({ id }) {
        const call = await view.store.findCall(id);
        if (call === undefined) throw notLogged(id);
        const bodies = await view.store.findBodies(id);
        return { status: 200, body: { ...showDetail(call), has_bodies: bodies !== undefined } };
      },
    }),
    route({
      method: 'GET',
      path: '/calls/{id}/bodies',
      idIs: 'The id of the call.',
      name: 'getCallBodies',
      title: 'What was asked and answered, where the model keeps it. Takes the scope `management`, and is logged.',
      chapter,
      // What people wrote is not for every key that may read sums.
      isReading: false,
      answers: { status: 200, schema: bodiesDocument },
      async run({ id, author }) {
        const bodies = await view.openBodies(id);
        if (bodies === undefined) throw noBodies(id);
        view.onBodiesRead(id, author);
        return { status: 200, body: { id, request: bodies.request ?? null, response: bodies.response ?? null } };
      },
    }),
  ];
}

function readSearch(query: z.output<typeof callsQuery>, view: UsageView): CallSearch {
  const { from, to, period, cursor, key, model_asked, trace_id, min_cost_usd, min_duration_ms, tag, ...same } = query;
  // A call is looked for wherever it is, unless somebody says when.
  const isTimed = from !== undefined || to !== undefined || period !== undefined;
  const given = Object.entries({
    ...same,
    ...(isTimed &&
      readPeriod(period === undefined && from === undefined ? { from: '1970-01-01', to } : query, view.nowMs())),
    key: key === undefined ? undefined : oneKey(view.idsOfKey(key), key),
    modelAsked: model_asked,
    traceId: trace_id,
    minCostPico: min_cost_usd === undefined ? undefined : Math.round(Number(min_cost_usd) * PICO_PER_DOLLAR),
    minDurationMs: min_duration_ms,
    tags: readTags(tag),
    after: cursor,
  }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given);
}

function oneKey(ids: readonly string[], name: string): string {
  if (ids.length <= 1) return ids[0] ?? name;
  throw new GatewayError('invalid_request', `Several keys were named "${name}"; take an id: ${ids.join(', ')}.`, {
    param: 'key',
  });
}

function notLogged(id: string): GatewayError {
  return new GatewayError(
    'not_found',
    `No call ${JSON.stringify(id.slice(0, 100))} is in the log. It comes in about a second after its end, and goes after storage.retention.calls.`,
  );
}

function noBodies(id: string): GatewayError {
  return new GatewayError(
    'not_found',
    `Nothing was kept of what the call ${JSON.stringify(id.slice(0, 100))} said: models.NAME.log_bodies is off, or storage.retention.bodies is over.`,
  );
}
