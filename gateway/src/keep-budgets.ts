import type { BudgetReport, BudgetView } from './admin/budgets/budget-desk.ts';
import { type BudgetBook, createBudgetBook } from './admission/budgets/budget-book.ts';
import { degradePlan } from './admission/budgets/degrade-plan.ts';
import { forecast } from './admission/budgets/forecast.ts';
import { type Alerts, createAlerts } from './alerts/alerts.ts';
import { budgetAlert } from './alerts/budget-alert.ts';
import { spentHourly, spentIn } from './budget-spend.ts';
import { readBudgets } from './config/schema/budgets.ts';
import type { Config } from './config/schema.ts';
import type { Clock } from './core/clock.ts';
import type { Gates } from './core/limits.ts';
import type { Routing } from './routing/choose-plan.ts';
import type { Store } from './store/store.ts';
import type { Logger } from './telemetry/log.ts';
import { isForbiddenAddress, isMetadataName } from './upstream/media/forbidden-address.ts';

/** Budgets with everything that they need of the house: the ledger, the store, and who is to be told. Furniture. */
export interface BudgetKeeper {
  book: BudgetBook;
  alerts: Alerts;
  /** For the management API. */
  view: BudgetView;
  /** By this configuration from now on; what is new in it is looked up in the ledger. */
  configure(config: Pick<Config, 'budgets' | 'alerts'>): void;
  /** Reads the budgets of the store again. */
  readStore(): Promise<void>;
  /** Makes what was spent before the start count, and keeps looking. Calls should not come before it has resolved. */
  open(): Promise<void>;
  /** The routing of a house, with the shorter answers that budgets ask for. */
  degrade(routing: Routing): Routing;
  close(): Promise<void>;
}

export interface BudgetKeeperDeps {
  clock: Clock;
  log: Pick<Logger, 'info' | 'warn' | 'error'>;
  gates: Gates;
  store: Pick<Store, 'budgets' | 'alerts' | 'usage'>;
  /** Resolves when the ledger knows everything that the journal held. */
  catchUp(): Promise<void>;
}

const SEED_EVERY_MS = 2 * 60_000;
const FOUR_WEEKS_MS = 28 * 86_400_000;

export function keepBudgets({ clock, log, gates, store, catchUp }: BudgetKeeperDeps): BudgetKeeper {
  let unpriced: 'allow' | 'refuse' = 'allow';
  let channels: string[] = [];
  let rounds: { close(): void } | undefined;

  const rules = { isForbiddenAddress, isMetadataName };
  const alerts = createAlerts({ clock, random: Math.random, store: store.alerts, rules, log });
  const book = createBudgetBook({
    clock,
    gates,
    unpriced: () => unpriced,
    spentSince: (scope, fromMs) => spentIn(store.usage, scope, { fromMs, toMs: clock.wallMs() + 1 }),
    onNews: (news) => alerts.raise(budgetAlert(news)),
    onFailure: (error, budget) =>
      log.error({ err: error, budget: budget.name }, 'what is spent of a budget could not be read from the ledger'),
    onUnpriced: (target) =>
      log.warn({ target }, 'calls to a model of unknown price pass budgets and cost them nothing (budgets.unpriced)'),
  });

  async function report(budgetId: string): Promise<BudgetReport | undefined> {
    const budget = book.list().find(({ id }) => id === budgetId);
    const standing = await book.standingOf(budgetId);
    if (budget === undefined || standing === undefined) return undefined;
    const nowMs = clock.wallMs();
    const hours = await spentHourly(store.usage, budget.scope, { fromMs: nowMs - FOUR_WEEKS_MS, toMs: nowMs + 1 });
    const knownSinceMs = hours.reduce((first, { startsAtMs }) => Math.min(first, startsAtMs), nowMs);
    const { amountPico } = budget;
    return { ...standing, forecast: forecast({ ...standing, hours, nowMs, knownSinceMs, amountPico }) };
  }

  return {
    book,
    alerts,
    view: {
      list: book.list,
      standing: book.standingOf,
      report,
      channels: () => channels,
      put(budget) {
        const others = book.list().filter(({ id, source }) => source === 'store' && id !== budget.id);
        book.replace('store', [...others, budget]);
      },
      remove(budgetId) {
        book.replace(
          'store',
          book.list().filter(({ id, source }) => source === 'store' && id !== budgetId),
        );
      },
      seed: book.seed,
      alerts: store.alerts,
      testAlerts: alerts.test,
    },
    configure(config) {
      unpriced = config.budgets.unpriced;
      channels = Object.keys(config.alerts.channels);
      alerts.configure(config.alerts);
      book.replace('config', readBudgets(config.budgets));
      // At the start nobody calls yet, and `open` waits for it.
      if (rounds !== undefined) void book.seed();
    },
    async readStore() {
      book.replace('store', await store.budgets.list());
      if (rounds !== undefined) void book.seed();
    },
    async open() {
      if (book.list().length > 0) await catchUp();
      await book.seed();
      rounds = book.seedRegularly(SEED_EVERY_MS);
    },
    degrade: (routing) => ({
      choosePlan(prompt) {
        const thrift = book.thriftOf(prompt.caller);
        const plan = routing.choosePlan(prompt);
        if (thrift === undefined) return plan;
        return plan instanceof Promise ? plan.then((told) => degradePlan(told, thrift)) : degradePlan(plan, thrift);
      },
    }),
    async close() {
      rounds?.close();
      await alerts.close();
    },
  };
}
