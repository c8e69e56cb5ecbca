import type { Migration } from 'kysely/migration';
import { keysAndFacts } from './0001-keys-and-facts.ts';
import { responses } from './0002-responses.ts';
import { tenancy } from './0003-tenancy.ts';
import { usage } from './0004-usage.ts';
import { budgets } from './0005-budgets.ts';

/**
 * In the order of their names. One that was released is never changed; what it lacks, the next one adds. Each only adds, so
 * that nodes of the version before can go on working meanwhile.
 */
export const migrations: Record<string, Migration> = {
  '0001_keys_and_facts': keysAndFacts,
  '0002_responses': responses,
  '0003_tenancy': tenancy,
  '0004_usage': usage,
  '0005_budgets': budgets,
};
