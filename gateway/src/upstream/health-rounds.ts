import type { Clock, Timer } from '../core/clock.ts';
import type { HostHealth } from './check-host.ts';
import type { Fleet } from './fleet.ts';

/** A host that can be asked for free whether it is there, and the targets that live on it. */
export interface CheckedHost {
  name: string;
  /** Names of the targets. */
  targets: readonly string[];
  everyMs: number;
  check(): Promise<HostHealth>;
}

/** Looks after hosts that nobody has called for a while, so that the next call does not have to find out that one is gone. Furniture; the hosts change with every reload. */
export interface HealthRounds {
  watch(hosts: readonly CheckedHost[]): void;
  stop(): void;
}

/**
 * Only bad news count: a host that lists its models may still fail at every one of them, so that a good answer closes no breaker, while one that is not there at all will answer nothing. A target with calls of its own is left to these.
 */
export function createHealthRounds({ clock, fleet }: { clock: Clock; fleet: Fleet }): HealthRounds {
  let timers: Timer[] = [];
  const lastRequests = new Map<string, number>();
  const underWay = new Set<CheckedHost['check']>();

  function isIdle(target: string): boolean {
    const standing = fleet.balancer.standing(target);
    const requests = standing?.requests ?? 0;
    const before = lastRequests.get(target);
    lastRequests.set(target, requests);
    return requests === before && (standing?.outstanding ?? 0) === 0;
  }

  function isStillQuiet(target: string): boolean {
    const requests = fleet.balancer.standing(target)?.requests ?? 0;
    return requests === lastRequests.get(target) && fleet.breakers.state(target) === 'closed';
  }

  async function lookAt(host: CheckedHost): Promise<void> {
    // Asked of each, so that all are remembered.
    const idle = host.targets.filter(isIdle);
    const asked = idle.filter((target) => fleet.breakers.state(target) === 'closed');
    if (asked.length === 0 || underWay.has(host.check)) return;
    underWay.add(host.check);
    const health = await host.check();
    underWay.delete(host.check);
    if (health === 'up') return;
    // Calls that went there meanwhile tell more.
    for (const target of asked.filter(isStillQuiet)) {
      const pass = fleet.breakers.takePass(target);
      const outcome = health === 'refuses-key' ? 'fatal' : 'failed';
      fleet.breakers.note(target, pass, outcome, health === 'refuses-key' ? 'it refuses the key' : 'it is not there');
    }
  }

  return {
    watch(hosts) {
      for (const timer of timers) timer.cancel();
      timers = hosts.map((host) => repeat(clock, host.everyMs, () => void lookAt(host)));
    },
    stop() {
      for (const timer of timers) timer.cancel();
      timers = [];
    },
  };
}

function repeat(clock: Clock, everyMs: number, act: () => void): Timer {
  let timer = clock.setTimeout(turn, everyMs);
  function turn(): void {
    act();
    timer = clock.setTimeout(turn, everyMs);
  }
  return { cancel: () => timer.cancel() };
}
