import { testBudgets } from './budget-contract.ts';
import { sqliteHome } from './homes.ts';
import { testStore } from './store-contract.ts';
import { testTenancy } from './tenancy-contract.ts';
import { testUsage } from './usage-contract.ts';

testStore('SQLite', sqliteHome);
testUsage('SQLite', sqliteHome);
testTenancy('SQLite', sqliteHome);
testBudgets('SQLite', sqliteHome);
