import { z } from 'zod';
import { budgetFields } from '../../config/schema/budgets.ts';
import type { Clock } from '../../core/clock.ts';
import { GatewayError } from '../../core/errors.ts';
import { label } from '../api/fields.ts';
import { pageOf, pageOfSchema, pageQuery } from '../api/page.ts';
import { type Route, route } from '../api/routes.ts';
import type { Management } from '../management.ts';
import { alertRoutes } from './alert-routes.ts';
import { type BudgetPatch, type BudgetView, createBudgetDesk } from './budget-desk.ts';
import { budgetDocument, budgetReportDocument, showBudget, showReport } from './budget-document.ts';

const wish = z.strictObject({ ...budgetFields, name: label() }).meta({ id: 'BudgetWish' });

const change = z
  .strictObject({
    name: label().optional(),
    amount_usd: budgetFields.amount_usd.optional(),
    thresholds: budgetFields.thresholds.unwrap().optional(),
    degrade: budgetFields.degrade.unwrap().nullish(),
    channels: budgetFields.channels.unwrap().nullish(),
    webhook: budgetFields.webhook.unwrap().nullish(),
  })
  .meta({ id: 'BudgetChange', description: 'Scope, period and time zone stay: make another budget for another.' });

const chapter = 'Budgets';
const one = { path: '/budgets/{id}', idIs: 'The id, or the name.', chapter };

/** `/admin/v1/budgets` and `/admin/v1/alerts`. In the place of `{id}` a budget's name will do. */
export function budgetRoutes({
  view,
  change: make,
  clock,
}: {
  view: BudgetView;
  change: Management['change'];
  clock: Pick<Clock, 'wallMs'>;
}): Route[] {
  const desk = createBudgetDesk({ view, change: make, clock });
  return [
    route({
      method: 'GET',
      path: '/budgets',
      name: 'listBudgets',
      title: 'List budgets, those of the configuration first, and how they stand.',
      chapter,
      query: pageQuery.extend({ scope: z.string().optional(), scope_id: z.string().optional() }),
      answers: { status: 200, schema: pageOfSchema(budgetDocument) },
      async run({ query: { scope, scope_id, ...page } }) {
        const fitting = view
          .list()
          .filter((budget) => scope === undefined || budget.scope.kind === scope)
          .filter((budget) => scope_id === undefined || budget.scope.id === scope_id)
          .sort((one, other) => (one.createdAtMs ?? 0) - (other.createdAtMs ?? 0) || (one.id < other.id ? -1 : 1));
        const { data, ...rest } = pageOf(fitting, page, ({ createdAtMs = 0, id }) => [createdAtMs, id]);
        const shown = await Promise.all(data.map(async (budget) => showBudget(budget, await view.standing(budget.id))));
        return { status: 200, body: { ...rest, data: shown } };
      },
    }),
    route({
      method: 'POST',
      path: '/budgets',
      name: 'createBudget',
      title: 'Make a budget. What is spent already in its present window counts.',
      chapter,
      body: wish,
      answers: { status: 201, schema: budgetDocument },
      async run({ body, author }) {
        const budget = await desk.create(body, author);
        return { status: 201, body: showBudget(budget, await view.standing(budget.id)) };
      },
    }),
    route({
      ...one,
      method: 'GET',
      name: 'getBudget',
      title: 'Show a budget: spent, held, remaining, how fast, and where that leads.',
      answers: { status: 200, schema: budgetReportDocument },
      async run({ id }) {
        const budget = desk.get(id);
        const report = await view.report(budget.id);
        if (report === undefined) throw new GatewayError('not_found', `There is no budget ${budget.id}.`);
        return { status: 200, body: showReport(budget, report) };
      },
    }),
    route({
      ...one,
      method: 'PATCH',
      name: 'updateBudget',
      title: 'Change the given fields of a budget; null takes one away. What is spent stays.',
      body: change,
      answers: { status: 200, schema: budgetDocument },
      async run({ id, body, author }) {
        const budget = await desk.update(id, body as BudgetPatch, author);
        return { status: 200, body: showBudget(budget, await view.standing(budget.id)) };
      },
    }),
    route({
      ...one,
      method: 'DELETE',
      name: 'deleteBudget',
      title: 'Remove a budget: from now on it holds nobody back.',
      answers: { status: 200, schema: budgetDocument },
      async run({ id, author }) {
        const standing = await view.standing(desk.get(id).id);
        return { status: 200, body: showBudget(await desk.remove(id, author), standing) };
      },
    }),
    ...alertRoutes(view),
  ];
}
