// `npm run soak`: clients call three gateways on one PostgreSQL and one Redis, hang up, are refused and see nodes killed; at the end the
// books of clients, upstream, limiter and ledger are compared, call by call. Fails where they do not agree.
// `npm run soak -- --calls 200000 --nodes 3 --kills 40 --at-once 24`
import { parseArgs } from 'node:util';
import { mayHaveCluster } from '../gateway/test/nodes/cluster.ts';
import { runSoak } from '../gateway/test/nodes/soak/run-soak.ts';

const MOST_PROBLEMS_SHOWN = 20;

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '200000' },
    nodes: { type: 'string', default: '3' },
    kills: { type: 'string', default: '40' },
    'at-once': { type: 'string', default: '24' },
  },
});

if (!mayHaveCluster()) process.exit(1);
const { figures, problems } = await runSoak({
  calls: Number(values.calls),
  nodes: Number(values.nodes),
  kills: Number(values.kills),
  atOnce: Number(values['at-once']),
  tell: (line) => console.log(`${new Date().toISOString().slice(11, 19)} ${line}`),
});
console.table(Object.fromEntries(figures));
for (const problem of problems.slice(0, MOST_PROBLEMS_SHOWN)) console.log(`BROKEN ${problem}`);
console.log(problems.length === 0 ? 'All books agree.' : `${problems.length} disagreements.`);
process.exit(problems.length === 0 ? 0 : 1);
