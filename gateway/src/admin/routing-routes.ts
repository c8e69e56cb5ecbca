import { z } from 'zod';
import type { Caller } from '../core/caller.ts';
import { GatewayError } from '../core/errors.ts';
import { type Route, route } from './api/routes.ts';

/** What is to be seen of routing, and done to it. */
export interface RoutingView {
  /** What a call would be sent to; no call is made. Throws what the call would be refused with. */
  explain(question: RouteQuestion, caller: Caller): Promise<object>;
  experiments(): { test: string; variants: object[] }[];
  targets(): TargetState[];
  /** Forgets the failures and limits of a target. */
  reset(name: string): void;
}

const routeQuestion = z
  .strictObject({
    body: z.looseObject({ model: z.string().min(1) }).describe('The call as a client would send it.'),
    dialect: z
      .enum(['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'])
      .default('openai-chat')
      .describe('The dialect of the body.'),
    headers: z.record(z.string(), z.string()).default({}).describe('Headers that routing looks at.'),
    caller: z
      .strictObject({
        organisation: z.string(),
        team: z.string(),
        project: z.string(),
        user: z.string(),
        key: z.string(),
        tier: z.string(),
        session: z.string(),
        tags: z.record(z.string(), z.string()),
      })
      .partial()
      .default({})
      .describe('Who would be calling.'),
  })
  .meta({ id: 'RouteQuestion' });

export type RouteQuestion = z.output<typeof routeQuestion>;

const targetState = z
  .strictObject({
    target: z.string().describe('`provider/model`, and `#2` and so on for the further keys of a provider.'),
    breaker: z.enum(['closed', 'half-open', 'open']),
    reason: z.string().nullable().describe('Why the breaker is not closed.'),
    open_until: z.string().nullable(),
    usual_failure_rate: z.number().describe('The share of calls that is taken to fail when all is as usual.'),
    requests: z.int(),
    failures: z.int(),
    outstanding: z.int().describe('Calls under way.'),
    success_rate: z.number().describe('Lately, 0 to 1.'),
    first_token_ms: z.number().nullable(),
    ms_per_token: z.number().nullable(),
    limited_for_ms: z.number().describe("How long its provider's limits keep it out; 0: not at all."),
  })
  .meta({ id: 'TargetState' });

export type TargetState = z.output<typeof targetState>;

const explanation = z.looseObject({ reason: z.string(), input_tokens: z.number(), groups: z.array(z.looseObject({})) });
const experiments = z.strictObject({
  data: z.array(z.strictObject({ test: z.string(), variants: z.array(z.looseObject({ variant: z.string() })) })),
});

const chapter = 'Routing';

/** `/admin/v1/routes/explain`, `/experiments` and `/targets`. */
export function routingRoutes(view: RoutingView): Route[] {
  return [
    route({
      method: 'POST',
      path: '/routes/explain',
      name: 'explainRoute',
      title: 'Where a call would go, and why. No call is made.',
      chapter,
      isReading: true,
      body: routeQuestion,
      answers: { status: 200, schema: explanation },
      async run({ body }) {
        const { key, ...named } = body.caller;
        const caller = { ...withoutUndefined(named), keyId: 'key_asked_about', keyName: key ?? 'asked about' };
        return { status: 200, body: await view.explain(body, caller as Caller) };
      },
    }),
    route({
      method: 'GET',
      path: '/experiments',
      name: 'listExperiments',
      title: 'A/B tests since the start, variant by variant, with p-values against the first one.',
      chapter,
      answers: { status: 200, schema: experiments },
      run: () => ({ status: 200, body: { data: view.experiments() } }),
    }),
    route({
      method: 'GET',
      path: '/targets',
      name: 'listTargets',
      title: 'How every target is that was called: breaker, limits, waits.',
      chapter,
      answers: { status: 200, schema: z.strictObject({ data: z.array(targetState) }) },
      run: () => ({ status: 200, body: { data: view.targets() } }),
    }),
    route({
      method: 'POST',
      path: '/targets/{id}/reset',
      idIs: 'The name of the target, percent-encoded.',
      name: 'resetTarget',
      title: 'Forgets the failures and limits of a target that somebody has mended.',
      chapter,
      answers: { status: 200, schema: targetState },
      run({ id }) {
        if (find(view, id) === undefined)
          throw new GatewayError('not_found', `No target ${JSON.stringify(id)} is known.`);
        view.reset(id);
        return { status: 200, body: find(view, id) };
      },
    }),
  ];
}

function find(view: RoutingView, name: string): TargetState | undefined {
  return view.targets().find(({ target }) => target === name);
}

function withoutUndefined(given: object): object {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
