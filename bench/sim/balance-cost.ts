import type { TargetGroup } from '../../gateway/src/core/plan.ts';
import { type Ask, createBalancer } from '../../gateway/src/upstream/balance/balancer.ts';
import { createGroup } from './balance-gateway.ts';
import { createRandom } from './engine.ts';

const TARGETS = 20;
const UNDER_WAY = 200;
const CALLS_PER_ROUND = 20_000;
const ROUNDS = 9;

/** Microseconds of processor time for one call's rank, open, first token and end, among 20 targets with 200 calls under way: the least of some rounds, as whatever else the machine does only adds. */
export function measurePick(strategy: TargetGroup['strategy']): number {
  const random = createRandom(7);
  let now = 0;
  const balancer = createBalancer({ clock: { now: () => now }, random });
  const group: TargetGroup = { ...createGroup(TARGETS), strategy };
  const ask: Ask = { inputTokens: 1_000, wantsStream: true };
  const underWay = Array.from({ length: UNDER_WAY }, () => balancer.open(balancer.rank(group, ask)[0]!.target, ask));

  function round(calls: number): void {
    for (let call = 0; call < calls; call++) {
      now += 1;
      const at = call % UNDER_WAY;
      const flight = underWay[at]!;
      flight.firstToken();
      // One in fifty fails, so that no target is spared the work of forgetting.
      flight.ended(call % 50 === 0 ? 'failed' : 'ok', 100);
      underWay[at] = balancer.open(balancer.rank(group, ask, isBarred, rampOf)[0]!.target, ask);
    }
  }

  round(CALLS_PER_ROUND);
  const rounds = Array.from({ length: ROUNDS }, () => {
    const { user, system } = process.cpuUsage();
    round(CALLS_PER_ROUND);
    const spent = process.cpuUsage({ user, system });
    return (spent.user + spent.system) / CALLS_PER_ROUND;
  });
  return Math.min(...rounds);
}

const isBarred = () => false;
const rampOf = () => 1;
