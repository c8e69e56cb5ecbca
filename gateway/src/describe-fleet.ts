import type { TargetState } from './admin/routing-routes.ts';
import type { Fleet } from './upstream/fleet.ts';

/** How every target is that was called, or is known to be shut. */
export function describeFleet({ balancer, breakers, quotas, clock }: Fleet): TargetState[] {
  const names = new Set(balancer.standings().map(({ name }) => name));
  for (const [name] of breakers.views()) names.add(name);
  return [...names].sort().map((name): TargetState => {
    const standing = balancer.standing(name);
    const breaker = breakers.view(name);
    const readyInMs = quotas.readyAtMs(name, 0) - clock.now();
    const firstTokenMs = standing?.stream.slowMs ?? standing?.document.slowMs;
    return {
      target: name,
      breaker: breaker.state,
      reason: breaker.reason ?? null,
      open_until: breaker.opensUntilMs === undefined ? null : new Date(breaker.opensUntilMs).toISOString(),
      usual_failure_rate: breaker.baseline,
      requests: standing?.requests ?? 0,
      failures: standing?.failures ?? 0,
      outstanding: standing?.outstanding ?? 0,
      success_rate: standing?.ok ?? 1,
      first_token_ms: firstTokenMs === undefined ? null : Math.round(firstTokenMs),
      ms_per_token: standing?.msPerToken ?? null,
      limited_for_ms: readyInMs > 0 ? Math.ceil(readyInMs) : 0,
    };
  });
}
