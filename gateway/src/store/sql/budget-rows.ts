import type { Kysely } from 'kysely';
import type { Budget, BudgetStore } from '../../core/budget.ts';
import { GatewayError } from '../../core/errors.ts';
import type { BudgetRow } from './budget-tables.ts';
import type { Tables } from './tables.ts';

/** Budgets in any SQL database that Kysely speaks to. */
export function createBudgetRows(db: Kysely<Tables>): BudgetStore {
  async function refuseTakenName(name: string, id: string): Promise<void> {
    const holder = await db
      .selectFrom('budgets')
      .select('id')
      .where('name', '=', name)
      .where('id', '!=', id)
      .executeTakeFirst();
    if (holder !== undefined)
      throw new GatewayError('conflict', `There is a budget "${name}" already (${holder.id}).`, { param: 'name' });
  }

  return {
    async list() {
      const rows = await db.selectFrom('budgets').selectAll().orderBy('created_at_ms').orderBy('id').execute();
      return rows.map(budgetOf);
    },
    async find(id) {
      const row = await db.selectFrom('budgets').selectAll().where('id', '=', id).executeTakeFirst();
      return row && budgetOf(row);
    },
    async insert(budget) {
      await refuseTakenName(budget.name, budget.id);
      await db.insertInto('budgets').values(rowOf(budget)).execute();
    },
    async update(id, change) {
      const before = await this.find(id);
      if (before === undefined) throw new GatewayError('not_found', `There is no budget ${id}.`);
      const after = changed(before, change);
      await refuseTakenName(after.name, id);
      const { name, terms } = rowOf(after);
      await db.updateTable('budgets').set({ name, terms }).where('id', '=', id).execute();
      return after;
    },
    async remove(id) {
      const { numDeletedRows } = await db.deleteFrom('budgets').where('id', '=', id).executeTakeFirst();
      return numDeletedRows > 0n;
    },
  };
}

/** What is undefined stays as it is; null takes a field away. */
function changed(budget: Budget, change: object): Budget {
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  const all = { ...budget, ...Object.fromEntries(given) };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null)) as unknown as Budget;
}

function rowOf({ id, name, createdAtMs, source: _, ...terms }: Budget): BudgetRow {
  return { id, name, created_at_ms: createdAtMs ?? 0, terms: JSON.stringify(terms) };
}

function budgetOf({ id, name, created_at_ms, terms }: BudgetRow): Budget {
  const read = JSON.parse(terms) as Omit<Budget, 'id' | 'name' | 'createdAtMs' | 'source'>;
  return { id, name, ...read, createdAtMs: created_at_ms, source: 'store' };
}
