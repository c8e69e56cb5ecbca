import { expect, test } from 'vitest';
import { mayHaveCluster } from '../cluster.ts';
import { runSoak } from './run-soak.ts';

test.skipIf(!mayHaveCluster())(
  'clients, upstream, limiter and ledger agree over disconnects, retries and kills',
  async () => {
    const { figures, problems } = await runSoak({ calls: 3_000, nodes: 2, kills: 3, atOnce: 16 });
    console.table(Object.fromEntries(figures));
    expect(problems).toEqual([]);
    const figure = Object.fromEntries(figures);
    expect(figure['client: answered']).toBeGreaterThan(2_000);
    expect(figure['client: left']).toBeGreaterThan(30);
    expect(figure['kills']).toBe(3);
  },
);
