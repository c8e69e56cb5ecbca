import type { RateLimitConfig, RuleConfig } from '../config/schema/limits.ts';
import type { Call } from '../core/call.ts';
import type { Caller } from '../core/caller.ts';
import type { Gate, Limits } from '../core/limits.ts';
import { fitsPattern } from '../core/name-pattern.ts';
import type { Target } from '../core/target.ts';
import { createGateBook, type GateTerms } from './gate-book.ts';
import { networkOf } from './network-of.ts';

/** The limits that a configuration sets, found call by call. */
export interface GateFinder {
  /** Gates that are known as soon as the caller is; the same list for the same caller wherever that is possible. */
  ofCaller(caller: Caller, call: Pick<Call, 'remoteAddress'>): readonly Gate[];
  /** Further gates that are known when the target is. */
  ofTarget(caller: Caller, call: Pick<Call, 'model' | 'remoteAddress'>, target: Target): readonly Gate[];
  /** Whether anything depends on the target. */
  asksTarget(caller: Caller): boolean;
}

type Part = RuleConfig['per'][number];
/** What a rule can be about, as far as it is known: the name to count by, first, and all names to match by. */
type Facts = { readonly [part in Part | 'tier']?: readonly string[] | undefined };

const NONE: readonly Gate[] = [];

export function createGateFinder(config: RateLimitConfig): GateFinder {
  const { perIp, perModel, rules, burst, onFailure, tiers } = config;
  const gatesOf = createGateBook();
  const usual: GateTerms = { burst, onFailure };
  const early = rules.filter((rule) => !isAboutTarget(rule));
  const late = rules.filter(isAboutTarget);
  const hasModels = Object.keys(perModel).length > 0;
  const readsAddress =
    perIp !== undefined || [...tiers.values()].some((tier) => tier.per_ip !== undefined) || early.some(isAboutAddress);
  const ofCallers = new WeakMap<Caller, readonly Gate[]>();

  const tierOf = (caller: Caller) => tiers.get(caller.tier ?? 'default') ?? tiers.get('default');
  const termsOf = (caller: Caller): GateTerms => ({ burst: tierOf(caller)?.burst ?? burst, onFailure });

  function find(caller: Caller, address: string): readonly Gate[] {
    const gates: Gate[] = [];
    const tier = tierOf(caller);
    const ip = { id: `ip:${address}`, owner: `client address ${address}` };
    if (tier !== undefined) {
      gates.push(...gatesOf(tier, tierOwner(caller), termsOf(caller)));
      if (tier.per_ip !== undefined)
        gates.push(
          ...gatesOf(tier.per_ip, { ...ip, id: `tier:${caller.tier ?? 'default'}:${ip.id}` }, termsOf(caller)),
        );
    }
    for (const { scope, id, limits } of caller.limits ?? [])
      gates.push(...gatesOf(limits, { id: `${scope}:${id}`, owner: `${scope} "${id}"` }, usual));
    if (perIp !== undefined) gates.push(...gatesOf(perIp, ip, usual));
    for (const rule of early) gates.push(...ofRule(rule, factsOf(caller, address)));
    return gates.length === 0 ? NONE : gates;
  }

  function ofRule(rule: RuleConfig, facts: Facts): Gate[] {
    if (!matches(rule, facts)) return [];
    const parts = rule.per.map((part) => [part, facts[part]?.[0]] as const);
    if (parts.some(([, value]) => value === undefined)) return [];
    const id = ['rule', rule.name, ...parts.map(([part, value]) => `${part}=${value}`)].join(':');
    const owner = [`rule "${rule.name}"`, ...parts.map(([part, value]) => `${part} ${value}`)].join(', ');
    const terms = { burst: rule.burst ?? burst, onFailure: rule.on_redis_failure ?? onFailure };
    return gatesOf(rule.limits, { id, owner }, terms);
  }

  return {
    ofCaller(caller, call) {
      if (readsAddress) return find(caller, networkOf(call.remoteAddress));
      const known = ofCallers.get(caller);
      if (known !== undefined) return known;
      const found = find(caller, '');
      ofCallers.set(caller, found);
      return found;
    },
    asksTarget: (caller) =>
      hasModels ||
      late.length > 0 ||
      tierOf(caller)?.per_model !== undefined ||
      caller.limits?.some(({ limits }) => limits.per_model !== undefined) === true,
    ofTarget(caller, call, target) {
      const gates: Gate[] = [];
      const names = namesOf(call.model, target);
      function add(models: Readonly<Record<string, Limits>> | undefined, id: string, owner: string, terms: GateTerms) {
        const name = models === undefined ? undefined : bestName(Object.keys(models), names);
        if (name === undefined) return;
        gates.push(...gatesOf(models![name]!, { id: `${id}model:${name}`, owner: `${owner}model ${name}` }, terms));
      }
      const own = tierOwner(caller);
      add(tierOf(caller)?.per_model, `${own.id}:`, `${own.owner}, `, termsOf(caller));
      for (const { scope, id, limits } of caller.limits ?? [])
        add(limits.per_model, `${scope}:${id}:`, `${scope} "${id}", `, usual);
      add(perModel, '', '', usual);
      if (late.length > 0) {
        const facts = { ...factsOf(caller, networkOf(call.remoteAddress)), model: names, provider: [target.provider] };
        for (const rule of late) gates.push(...ofRule(rule, facts));
      }
      return gates;
    },
  };
}

/** Each key has its tier's limits for itself; those of its own (`key:…`) are counted beside. */
const tierOwner = ({ keyId, keyName }: Caller) => ({ id: `tier-key:${keyId}`, owner: `key "${keyName}"` });

/** As `provider/model` first, which is what is counted by: clients have several names for one model. */
function namesOf(asked: string, { provider, model }: Target): readonly string[] {
  return [`${provider}/${model}`, asked, model];
}

/** The entry that fits: one that is written out before one with a star. */
function bestName(entries: readonly string[], names: readonly string[]): string | undefined {
  return (
    entries.find((entry) => names.includes(entry)) ??
    entries.find((entry) => names.some((name) => fitsPattern(entry, name)))
  );
}

function factsOf({ organisation, team, project, user, keyId, keyName, tier }: Caller, address: string): Facts {
  const list = (value: string | undefined) => (value === undefined ? undefined : [value]);
  return {
    organisation: list(organisation),
    team: list(team),
    project: list(project),
    user: list(user),
    key: [keyId, keyName],
    tier: [tier ?? 'default'],
    ip: list(address),
  };
}

function matches({ match }: RuleConfig, facts: Facts): boolean {
  if (match === undefined) return true;
  return (Object.keys(match) as (keyof typeof match)[]).every((part) => {
    const patterns = match[part];
    const names = facts[part];
    return (
      patterns === undefined ||
      (names !== undefined && patterns.some((pattern) => names.some((name) => fitsPattern(pattern, name))))
    );
  });
}

const isAboutTarget = ({ match, per }: RuleConfig) =>
  match?.model !== undefined || match?.provider !== undefined || per.includes('model') || per.includes('provider');
const isAboutAddress = ({ match, per }: RuleConfig) => match?.ip !== undefined || per.includes('ip');
