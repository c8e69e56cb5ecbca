import { type BudgetConfig, readBudget, readDegrade, readThresholds } from '../../config/schema/budgets.ts';
import type { AlertStore, Delivery } from '../../core/alert.ts';
import type { Budget, BudgetChange, BudgetStanding } from '../../core/budget.ts';
import type { Clock } from '../../core/clock.ts';
import { GatewayError } from '../../core/errors.ts';
import { createIds } from '../../core/ids.ts';
import { PICO_PER_DOLLAR } from '../../core/money.ts';
import { nearestName } from '../../core/nearest.ts';
import type { Author } from '../audit/author.ts';
import type { Management } from '../management.ts';
import { describeBudget } from './budget-document.ts';

/** Budgets as they are in force, and alerts. */
export interface BudgetView {
  /** Of the configuration and of the store. */
  list(): Budget[];
  standing(id: string): Promise<BudgetStanding | undefined>;
  /** With a look ahead. */
  report(id: string): Promise<BudgetReport | undefined>;
  /** Names under `alerts.channels`. */
  channels(): readonly string[];
  put(budget: Budget): void;
  remove(id: string): void;
  /** Looks up in the ledger what is spent. */
  seed(id: string): Promise<void>;
  alerts: Pick<AlertStore, 'list'>;
  testAlerts(channel?: string): Promise<Delivery[]>;
}

/** How a budget stands and where it is going. Money in pico-dollars. */
export interface BudgetReport extends BudgetStanding {
  forecast: {
    perHourPico: number;
    perDayPico: number;
    /** Undefined: the window has no end. */
    atEndPico: number | undefined;
    /** Undefined: not in this window. */
    exhaustedAtMs: number | undefined;
    method: 'linear' | 'weekday';
  };
}

/** Makes, changes and removes the budgets of the store. */
export interface BudgetDesk {
  /** By id or by name. Throws GatewayError `not_found`, naming the nearest. */
  get(idOrName: string): Budget;
  create(wish: BudgetConfig, author: Author): Promise<Budget>;
  update(idOrName: string, wanted: BudgetPatch, author: Author): Promise<Budget>;
  remove(idOrName: string, author: Author): Promise<Budget>;
}

export type BudgetPatch = {
  [Field in 'name' | 'amount_usd' | 'thresholds']?: BudgetConfig[Field] | undefined;
} & { [Field in 'degrade' | 'channels' | 'webhook']?: BudgetConfig[Field] | null | undefined };

export interface BudgetDeskDeps {
  view: BudgetView;
  change: Management['change'];
  clock: Pick<Clock, 'wallMs'>;
}

export function createBudgetDesk({ view, change, clock }: BudgetDeskDeps): BudgetDesk {
  const nextId = createIds('budget');

  function get(idOrName: string): Budget {
    const all = view.list();
    const found = all.find(({ id }) => id === idOrName) ?? all.find(({ name }) => name === idOrName);
    if (found !== undefined) return found;
    const nearest = nearestName(
      idOrName,
      all.map(({ name }) => name),
    );
    const hint = nearest === undefined ? '' : ` Did you mean "${nearest}"?`;
    throw new GatewayError('not_found', `There is no budget "${idOrName.slice(0, 100)}".${hint}`);
  }

  function ofStore(idOrName: string): Budget {
    const budget = get(idOrName);
    if (budget.source === 'store') return budget;
    throw new GatewayError(
      'conflict',
      `The budget "${budget.name}" is written in the configuration; change it there, under budgets.`,
    );
  }

  function checkChannels(channels: readonly string[] | null | undefined): void {
    const known = view.channels();
    for (const channel of channels ?? []) {
      if (known.includes(channel)) continue;
      const there = known.length === 0 ? 'There are none yet.' : `There are: ${known.join(', ')}.`;
      throw new GatewayError('invalid_request', `There is no channel "${channel}" under alerts.channels. ${there}`, {
        param: 'channels',
      });
    }
  }

  function checkName(name: string, id?: string): void {
    if (view.list().some((one) => one.name === name && one.id !== id))
      throw new GatewayError('conflict', `There is a budget "${name}" already.`, { param: 'name' });
  }

  return {
    get,
    async create(wish, author) {
      checkChannels(wish.channels);
      checkName(wish.name);
      const nowMs = clock.wallMs();
      // What was spent before anybody thought of a budget is not to be held against it.
      const start = wish.period === 'total' ? { startsAtMs: nowMs } : {};
      const budget: Budget = { ...start, ...readBudget(wish), id: nextId(), source: 'store', createdAtMs: nowMs };
      await change(author, async (books) => {
        await books.budgets.insert(budget);
        await books.became(
          { action: 'create', noun: 'budget', id: budget.id, name: budget.name, after: describeBudget(budget) },
          () => view.put(budget),
        );
      });
      await view.seed(budget.id);
      return budget;
    },
    async update(idOrName, wanted, author) {
      checkChannels(wanted.channels);
      const { id } = ofStore(idOrName);
      if (wanted.name !== undefined) checkName(wanted.name, id);
      return change(author, async (books) => {
        const before = await books.budgets.find(id);
        if (before === undefined) throw new GatewayError('not_found', `There is no budget ${id}.`);
        const after = await books.budgets.update(id, changeOf(wanted, before));
        await books.became(
          {
            ...{ action: 'update', noun: 'budget', id, name: after.name },
            ...{ before: describeBudget(before), after: describeBudget(after) },
          },
          () => view.put(after),
        );
        return after;
      });
    },
    async remove(idOrName, author) {
      const budget = ofStore(idOrName);
      await change(author, async (books) => {
        if (!(await books.budgets.remove(budget.id))) return;
        await books.became(
          { action: 'remove', noun: 'budget', id: budget.id, name: budget.name, before: describeBudget(budget) },
          () => view.remove(budget.id),
        );
      });
      return budget;
    },
  };
}

function changeOf(wanted: BudgetPatch, before: Budget): BudgetChange {
  const { name, amount_usd, thresholds, degrade, channels, webhook } = wanted;
  const amountUsd = amount_usd ?? before.amountPico / PICO_PER_DOLLAR;
  return {
    ...(name !== undefined && { name }),
    ...(amount_usd !== undefined && { amountPico: Math.round(amount_usd * PICO_PER_DOLLAR) }),
    ...(thresholds !== undefined && { thresholds: readThresholds(thresholds, amountUsd) }),
    ...(degrade !== undefined && { degrade: degrade === null ? null : readDegrade(degrade) }),
    ...(channels !== undefined && { channels }),
    ...(webhook !== undefined && { webhook }),
  };
}
