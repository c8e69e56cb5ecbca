import { testBudgets } from '../../test/stores/budget-contract.ts';
import { sqliteHome } from '../../test/stores/homes.ts';
import { testStore } from '../../test/stores/store-contract.ts';
import { testTenancy } from '../../test/stores/tenancy-contract.ts';
import { testUsage } from '../../test/stores/usage-contract.ts';

testStore('SQLite', sqliteHome);
testUsage('SQLite', sqliteHome);
testTenancy('SQLite', sqliteHome);
testBudgets('SQLite', sqliteHome);
